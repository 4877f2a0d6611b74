import type { Stores } from '../adapters/redis/stores.ts';

export async function projectStatus(
  project: string,
  { projects, workers }: Pick<Stores, 'projects' | 'workers'>,
) {
  const [activeOrQueued, running] = await Promise.all([
    projects.activeOrQueued(project),
    workers.runningTargets(project),
  ]);
  return {
    /** Tasks out (in RabbitMQ or with a worker) and accepted targets that wait for their turn. */
    active_or_queued: activeOrQueued,
    running: running.length,
    running_targets: running,
  };
}
