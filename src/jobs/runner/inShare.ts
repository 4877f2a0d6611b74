import type { ProjectShares } from './projectShares.ts';
import { RetryLaterError } from './stage.ts';

/** A job that is set aside comes back by itself after this, also when the process that set it aside has died. */
const ASIDE_MS = 5_000;

export class NoShare extends RetryLaterError {
  constructor() {
    super('the project has its share of the places here', ASIDE_MS, 'job');
  }
}

export interface Share {
  project: string;
  shares: ProjectShares;
  /** Has a job that was set aside wait in its queue again. false: there is no such job. */
  promote(job: string): Promise<boolean>;
}

/** Runs the job's work if its project has a place left here. Throws NoShare otherwise: others pass the job then. */
export async function inShare<T>(work: () => Promise<T>, share: Share): Promise<T> {
  const { project, shares } = share;
  if (!shares.enter(project)) throw new NoShare();
  try {
    return await work();
  } finally {
    shares.leave(project);
    void callBack(share);
  }
}

/** For a job that {@link inShare} did not run, once it is set aside: a place may have become free meanwhile. */
export function wasSetAside(job: string, share: Share): void {
  share.shares.setAside(share.project, job);
  void callBack(share);
}

/** Fetches one that waits. Somebody else may have fetched or deleted it; then the next one is it. */
async function callBack({ project, shares, promote }: Share): Promise<void> {
  for (let job = shares.next(project); job !== undefined; job = shares.next(project)) {
    try {
      if (await promote(job)) return;
    } catch {
      // It is not waiting any more, or Redis is away: then it comes back by itself.
    }
  }
}
