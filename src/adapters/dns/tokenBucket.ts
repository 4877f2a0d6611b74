/** Of the queries of one second, this part may be sent at once after a rest. */
const BURST_PART = 0.1;

/** A token bucket: `perSecond` on average, at most a tenth of that at once. Times are milliseconds of `now`. */
export class TokenBucket {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #now: () => number;
  /** When the bucket would give the next token if it had none to spare. */
  #nextMs = 0;

  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#intervalMs = 1_000 / perSecond;
    this.#burstMs = (Math.max(1, perSecond * BURST_PART) - 1) * this.#intervalMs;
    this.#now = now;
  }

  /** How long whoever takes a token now has to wait. */
  waitMs(): number {
    return Math.max(0, this.#nextMs - this.#burstMs - this.#now());
  }

  /** Takes a token; the caller waits this long before using it. */
  take(): number {
    const waitMs = this.waitMs();
    this.#nextMs = Math.max(this.#nextMs, this.#now()) + this.#intervalMs;
    return waitMs;
  }
}
