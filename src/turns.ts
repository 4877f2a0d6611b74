import { setImmediate } from 'node:timers/promises';

/** How long a piece of work may keep everybody else waiting. */
const TURN_MS = 5;

/** Runs work that comes in steps, and lets the event loop have its turn whenever {@link TURN_MS} are over. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < TURN_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}
