import { setTimeout } from 'node:timers/promises';
import { ApiError } from '../../client/client.ts';
import type { Output } from '../terminal/output.ts';

/** Codes that mean: nothing was begun, and there is room again soon. */
const SOON: readonly unknown[] = ['planning_full', 'body_room_full', 'answer_room_full', 'busy'];
const PATIENCE_MS = 60_000;
const PAUSE_S = 2;

/** Calls again while Tasker has no room, for a minute. */
export async function patiently<T>(out: Output, call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || !SOON.includes(error.code)) throw error;
      const pauseS = error.retryAfterS ?? PAUSE_S;
      if (Date.now() + pauseS * 1_000 > deadline) throw error;
      out.note(`${error.message}; trying again in ${pauseS} s`);
      await setTimeout(pauseS * 1_000);
    }
  }
}
