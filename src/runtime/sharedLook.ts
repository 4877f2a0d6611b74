/** One look at something is good for everybody who asks within this time. */
const SHARED_MS = 1_000;

/** Looks when somebody asks, and not more than once a second; whoever asks while a look is under way waits for it. */
export class SharedLook<T> {
  readonly #lookNow: () => Promise<T>;
  #look: Promise<T> | undefined;
  #goodUntilMs = Number.POSITIVE_INFINITY;

  constructor(lookNow: () => Promise<T>) {
    this.#lookNow = lookNow;
  }

  now(): Promise<T> {
    if (this.#look === undefined || performance.now() >= this.#goodUntilMs) {
      this.#goodUntilMs = Number.POSITIVE_INFINITY;
      this.#look = this.#lookNow().finally(() => {
        this.#goodUntilMs = performance.now() + SHARED_MS;
      });
    }
    return this.#look;
  }
}
