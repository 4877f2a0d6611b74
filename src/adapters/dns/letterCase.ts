/** Changed so often in a row, a server is taken for one that does not keep the case of letters. */
const CHANGED_IN_A_ROW = 3;
/** Then it is asked in lower case for this long. */
const PLAIN_MS = 10 * 60_000;

/**
 * Whether a server gives back the question in the letters it was asked in. Those are random, so that a forged answer
 * must hit them too. Most servers copy them; one that does not is asked in lower case.
 */
export class LetterCase {
  #changedInARow = 0;
  #plainUntilMs = Number.NEGATIVE_INFINITY;

  /** Whether questions to the server are to be written in random case. */
  get mixed(): boolean {
    return performance.now() >= this.#plainUntilMs;
  }

  kept(): void {
    this.#changedInARow = 0;
  }

  changed(): void {
    if (++this.#changedInARow < CHANGED_IN_A_ROW) return;
    this.#changedInARow = 0;
    this.#plainUntilMs = performance.now() + PLAIN_MS;
  }
}
