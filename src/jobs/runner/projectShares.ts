import { RetryLaterError } from './stage.ts';

/** A job that is set aside comes back by itself after this, also when the process that set it aside has died. */
const ASIDE_MS = 5_000;

export class NoShare extends RetryLaterError {
  /**
   * `cameBack`: it was set aside here, and nobody else took it when its time was over. Then it is handed on, because all
   * processes that are idle wake up at that time, and the same one could be the first for ever.
   */
  constructor(cameBack: boolean) {
    super('the project has its share of the places here', ASIDE_MS, cameBack ? 'process' : 'job');
  }
}

/**
 * How many jobs of a stage each project has here at once. The other places are left to other projects, so that one that
 * keeps all of its own for minutes is in nobody's way. What it has beyond its share is set aside, and called back when a
 * place of the project becomes free.
 */
export class ProjectShares {
  readonly #share: number;
  readonly #promote: (job: string) => Promise<boolean>;
  readonly #running = new Map<string, number>();
  /** Ids of jobs, in the order in which they were set aside. */
  readonly #aside = new Map<string, Set<string>>();

  /** `promote` has a job that was set aside wait in its queue again; false: there is no such job. */
  constructor(share: number, promote: (job: string) => Promise<boolean>) {
    this.#share = share;
    this.#promote = promote;
  }

  /** Runs a job's work. @throws NoShare when the project has no place left here: others pass the job then */
  async run<T>(project: string, job: string, work: () => Promise<T>): Promise<T> {
    const cameBack = this.#isBack(project, job);
    if (!this.enter(project)) throw new NoShare(cameBack);
    try {
      return await work();
    } finally {
      this.leave(project);
      void this.#callBack(project);
    }
  }

  /** For a job that was not run, once it is set aside: a place may have become free meanwhile. */
  wasSetAside(project: string, job: string): void {
    this.setAside(project, job);
    void this.#callBack(project);
  }

  /** Takes a place for a job; false: the project has its share. */
  enter(project: string): boolean {
    const running = this.#running.get(project) ?? 0;
    if (running >= this.#share) return false;
    this.#running.set(project, running + 1);
    return true;
  }

  leave(project: string): void {
    const running = (this.#running.get(project) ?? 0) - 1;
    if (running > 0) this.#running.set(project, running);
    else this.#running.delete(project);
  }

  setAside(project: string, job: string): void {
    const jobs = this.#aside.get(project) ?? new Set();
    this.#aside.set(project, jobs.add(job));
  }

  /** The job that is to be called back next; undefined: none is, or there is no place for it. */
  next(project: string): string | undefined {
    const jobs = this.#aside.get(project);
    const [job] = jobs ?? [];
    if (job === undefined || (this.#running.get(project) ?? 0) >= this.#share) return undefined;
    this.#isBack(project, job);
    return job;
  }

  /** Whether it was set aside here; it is not any more. */
  #isBack(project: string, job: string): boolean {
    const jobs = this.#aside.get(project);
    if (!jobs?.delete(job)) return false;
    if (jobs.size === 0) this.#aside.delete(project);
    return true;
  }

  /** Fetches one that waits. Somebody else may have fetched or deleted it; then the next one is it. */
  async #callBack(project: string): Promise<void> {
    for (let job = this.next(project); job !== undefined; job = this.next(project)) {
      try {
        if (await this.#promote(job)) return;
      } catch {
        // It is not waiting any more, or Redis is away: then it comes back by itself.
      }
    }
  }
}
