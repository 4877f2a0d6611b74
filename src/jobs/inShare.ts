import type { Job, Queue } from 'bullmq';
import type { ProjectShares } from './projectShares.ts';
import { NotNow } from './stage.ts';

/** A job that is set aside comes back by itself after this, also when the process that set it aside has died. */
const ASIDE_MS = 5_000;

export class NoShare extends NotNow {
  constructor() {
    super('the project has its share of the places here', ASIDE_MS, 'job');
  }
}

/** Runs the job's work if its project has a place left here. Otherwise it is set aside, and others pass it. */
export async function inShare<T>(
  work: () => Promise<T>,
  { project, shares, queue }: { project: string; shares: ProjectShares; queue: Queue },
): Promise<T> {
  if (!shares.enter(project)) throw new NoShare();
  try {
    return await work();
  } finally {
    shares.leave(project);
    void callBack(project, shares, queue);
  }
}

/** For a job that {@link inShare} did not run, once it is set aside: a place may have become free meanwhile. */
export function wasSetAside(job: Job, project: string, shares: ProjectShares, queue: Queue): void {
  shares.setAside(project, job.id ?? '');
  void callBack(project, shares, queue);
}

/** Fetches one that waits. Somebody else may have fetched or deleted it; then the next one is it. */
async function callBack(project: string, shares: ProjectShares, queue: Queue): Promise<void> {
  for (let id = shares.next(project); id !== undefined; id = shares.next(project)) {
    try {
      const job = await queue.getJob(id);
      await job?.promote();
      if (job) return;
    } catch {
      // It is not waiting any more, or Redis is away: then it comes back by itself.
    }
  }
}
