import type { ProjectStore } from '../adapters/projectStore.ts';
import type { TaskStore } from '../adapters/taskStore.ts';
import type { RunningTarget, WorkerStore } from '../adapters/workerStore.ts';

export interface ProjectStatus {
  /** Tasks out (in RabbitMQ or with a worker) and accepted targets that wait for their turn. */
  active_or_queued: number;
  running: number;
  running_targets: RunningTarget[];
}

interface StatusServices {
  projects: ProjectStore;
  tasks: TaskStore;
  workers: WorkerStore;
}

export async function projectStatus(
  project: string,
  { projects, tasks, workers }: StatusServices,
): Promise<ProjectStatus> {
  const [out, waiting, running] = await Promise.all([
    tasks.countOut(project),
    projects.waiting(project),
    workers.runningTargets(project),
  ]);
  return { active_or_queued: out + waiting, running: running.length, running_targets: running };
}
