/** So many bytes for all callers together. No caller gets more than its share, so none can take what others need. */
export class SharedBudget {
  readonly #most: number;
  readonly share: number;
  readonly #byCaller = new Map<string, number>();
  #taken = 0;

  constructor({ most, share }: { most: number; share: number }) {
    this.#most = most;
    this.share = share;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether there was room for so many bytes more; they are the caller's then, until it gives them back. */
  take(caller: string, bytes: number): boolean {
    const own = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (own > this.share || this.#taken + bytes > this.#most) return false;
    this.#byCaller.set(caller, own);
    this.#taken += bytes;
    return true;
  }

  give(caller: string, bytes: number): void {
    const own = (this.#byCaller.get(caller) ?? 0) - bytes;
    if (own > 0) this.#byCaller.set(caller, own);
    else this.#byCaller.delete(caller);
    this.#taken -= bytes;
  }
}
