import type { ProjectStore } from '../adapters/projects/projectStore.ts';
import type { RunningTarget } from '../adapters/workers/runningEntries.ts';
import type { WorkerStore } from '../adapters/workers/workerStore.ts';

export interface ProjectStatus {
  /** Tasks out (in RabbitMQ or with a worker) and accepted targets that wait for their turn. */
  active_or_queued: number;
  running: number;
  running_targets: RunningTarget[];
}

interface StatusServices {
  projects: ProjectStore;
  workers: WorkerStore;
}

export async function projectStatus(
  project: string,
  { projects, workers }: StatusServices,
): Promise<ProjectStatus> {
  const [activeOrQueued, running] = await Promise.all([
    projects.activeOrQueued(project),
    workers.runningTargets(project),
  ]);
  return { active_or_queued: activeOrQueued, running: running.length, running_targets: running };
}
