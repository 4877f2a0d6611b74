import { SharedBudget } from '../body/sharedBudget.ts';
import type { UserContext } from '../http/route.ts';

/** What long answers are made of, of all callers together, as Redis counts it; in this process it takes twice as much. */
const MOST_BYTES = 40 * 2 ** 20;
/** A small answer takes some memory too. */
const LEAST_BYTES = 2 ** 14;
/** So long a caller waits for others' answers to end. */
const WAIT_MS = 5_000;

/** Room for the answers that are made piece by piece: each holds what it is made of until its caller has read it. */
export class AnswerRoom {
  readonly #budget: SharedBudget;
  readonly #waitMs: number;
  readonly #waiting = new Set<() => void>();

  constructor({ most = MOST_BYTES, waitMs = WAIT_MS }: { most?: number; waitMs?: number } = {}) {
    this.#budget = new SharedBudget({ most, share: most / 2 });
    this.#waitMs = waitMs;
  }

  /**
   * Room for an answer that is made of so many bytes, until it is through. One that is bigger than a caller's share
   * takes all of that. false: others did not make room in time.
   *
   * @throws HungUpError when the caller does not wait for it
   */
  async enter({ caller, signal, afterwards }: UserContext, bytes: number): Promise<boolean> {
    const user = caller.user.id;
    const taken = Math.min(Math.max(bytes, LEAST_BYTES), this.#budget.share);
    const deadline = performance.now() + this.#waitMs;
    while (!this.#budget.take(user, taken)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      await this.#change(leftMs, signal);
      signal.throwIfAborted();
    }
    afterwards(() => {
      this.#budget.give(user, taken);
      for (const wake of this.#waiting) wake();
    });
    return true;
  }

  #change(leftMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, leftMs);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
