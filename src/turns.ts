import { setImmediate as othersTurn } from 'node:timers/promises';

/** How long one turn may take before everybody else gets theirs. */
const TURN_MS = 5;

/** Runs work that yields every few milliseconds at most, in turns with everybody else of the process. */
export async function inTurns<T>(steps: Generator<undefined, T>): Promise<T> {
  for (let turnEnd = performance.now() + TURN_MS; ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < turnEnd) continue;
    await othersTurn();
    turnEnd = performance.now() + TURN_MS;
  }
}
