/**
 * Tells those who wait that the server stops. Not an AbortSignal: thousands may wait at once, and Node takes more than
 * ten listeners of one for a leak.
 */
export class Closing {
  readonly #waiting = new Set<() => void>();
  #isClosing = false;

  /** Calls back when the server stops, at once if it does already. Gives what takes that back. */
  onClose(callback: () => void): () => void {
    if (this.#isClosing) callback();
    else this.#waiting.add(callback);
    return () => void this.#waiting.delete(callback);
  }

  close(): void {
    this.#isClosing = true;
    for (const callback of this.#waiting) callback();
    this.#waiting.clear();
  }
}
