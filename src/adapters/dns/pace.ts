/** So 100 places let 4,000 names a second be asked for, also when nobody answers. */
const HOLDS_MS = 25;
/** So they let 500: servers that cannot do more than that need `DNS_RATE`. */
const HOLDS_LONGER_MS = 200;
const LONGER_FOR_MS = 60_000;
/** Answers that are judged together, and how many of them tell that the servers are asked too fast. */
const ANSWERS = 100;
const LATE_ANSWERS = 10;

/**
 * For how long a name that is not answered yet holds its place. A name that is silent and then answers at a later try is
 * no silent name: its first query was lost. When many are, the servers are asked more slowly for a minute. Names that
 * never answer say nothing of the servers.
 */
export class Pace {
  readonly #now: () => number;
  #answers = 0;
  #late = 0;
  #longerUntilMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get holdMs(): number {
    return this.#now() < this.#longerUntilMs ? HOLDS_LONGER_MS : HOLDS_MS;
  }

  /** @param late the try before was silent */
  answered(late: boolean): void {
    if (late) this.#late++;
    if (++this.#answers < ANSWERS) return;
    if (this.#late >= LATE_ANSWERS) this.#longerUntilMs = this.#now() + LONGER_FOR_MS;
    this.#answers = 0;
    this.#late = 0;
  }
}
