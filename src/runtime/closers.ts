import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

type Close = () => Promise<unknown> | unknown;

/**
 * Whatever opens a resource pushes what closes it in the same breath; closing runs last in, first out,
 * also after a start that failed half-way.
 */
export class Closers {
  readonly #closers: { what: string; close: Close }[] = [];
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  push(what: string, close: Close): void {
    this.#closers.push({ what, close });
  }

  /** Closes everything once. One that fails is logged and does not keep the others open. */
  async close(): Promise<void> {
    for (let closer = this.#closers.pop(); closer; closer = this.#closers.pop()) {
      try {
        await closer.close();
      } catch (error) {
        this.#log.warn({ what: closer.what, err: messageOf(error) }, 'could not close cleanly');
      }
    }
  }
}
