import { unlessAborted } from '../unlessAborted.ts';

/** Runs one piece of work after the other, in the order in which they are asked for. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** @param signal once it is aborted, work that still waits is given up with the signal's reason */
  run<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const before = this.#last;
    const turn = signal === undefined ? before : unlessAborted(before, signal);
    const mine = turn.then(work);
    // Who gives up leaves the line, and those behind still wait for those in front.
    this.#last = Promise.allSettled([before, mine]);
    return mine;
  }
}
