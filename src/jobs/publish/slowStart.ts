/** How long it counts that the workers took a whole window at once; by then the rate is measured. */
const LASTS_MS = 2_000;

/**
 * Until it is measured what workers take: whenever they have taken all of a window, twice as much may stand ready. Workers
 * that are slow leave some of it, and nothing grows.
 */
export class SlowStart {
  #limit = 0;
  #grownAtMs = -Infinity;
  /** Tasks that were confirmed since it grew. */
  #confirmed = 0;

  confirmed(tasks: number): void {
    this.#confirmed += tasks;
  }

  /** A look: so many were ready, of so many that might be. */
  note(ready: number, limit: number, nowMs: number): void {
    if (2 * ready >= limit) this.#confirmed = 0;
    if (ready > 0 || this.#confirmed < limit) return;
    this.#confirmed = 0;
    this.#limit = 2 * limit;
    this.#grownAtMs = nowMs;
  }

  /** How many may be ready; 0: it has no say. */
  limit(nowMs: number): number {
    return nowMs - this.#grownAtMs < LASTS_MS ? this.#limit : 0;
  }
}
