/**
 * Remembers what is expensive to find out for some times as long as finding it out took: whoever asks again and again
 * makes it cost no more than a part of the time. Those who ask while it is being found out share the result.
 */
export class Costly<Value> {
  readonly #times: number;
  readonly #longestMs: number;
  readonly #most: number;
  readonly #known = new Map<string, { untilMs: number; value: Promise<Value> }>();

  /**
   * @param times how many times as long a result counts as it took
   * @param longestMs no result counts for longer
   * @param most results that are remembered
   */
  constructor(times: number, longestMs: number, most = 1) {
    this.#times = times;
    this.#longestMs = longestMs;
    this.#most = most;
  }

  /** What `find` gives, or gave a short while ago for the same key. A failure is not remembered. */
  get(key: string, find: () => Promise<Value>): Promise<Value> {
    const began = performance.now();
    const known = this.#known.get(key);
    if (known !== undefined && began < known.untilMs) return known.value;
    const found = { untilMs: Number.POSITIVE_INFINITY, value: find() };
    this.#known.delete(key);
    this.#known.set(key, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    found.value.then(
      () => {
        const now = performance.now();
        found.untilMs = now + Math.min(this.#longestMs, this.#times * (now - began));
      },
      () => {
        found.untilMs = 0;
      },
    );
    return found.value;
  }
}
