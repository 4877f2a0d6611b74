/**
 * How many jobs of a stage each project has here at once. The other places are left to other projects, so that one that
 * keeps all of its own for minutes is in nobody's way. What it has beyond its share is set aside, and called back when a
 * place of the project becomes free.
 */
export class ProjectShares {
  readonly #share: number;
  readonly #running = new Map<string, number>();
  /** Ids of jobs, in the order in which they were set aside. */
  readonly #aside = new Map<string, Set<string>>();

  constructor(share: number) {
    this.#share = share;
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
    if (!jobs || job === undefined || (this.#running.get(project) ?? 0) >= this.#share) return undefined;
    jobs.delete(job);
    if (jobs.size === 0) this.#aside.delete(project);
    return job;
  }
}
