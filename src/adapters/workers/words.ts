/**
 * How much is believed of what workers write, in their keys and in their answers to pings. What is longer, more or of
 * another kind counts as not there: one worker that writes nonsense must not spoil what the others say.
 */

/** Of workers that are heard of; more are not noted until some are gone. */
export const MOST_WORKERS = 2_000;
/** Of running entries that are looked at. A worker has one, and leaves one behind when it is killed. */
export const MOST_ENTRIES = 50_000;
/** Of tasks that one worker lists. */
export const MOST_LISTED = 1_000;
/** Bytes of one running entry: all host names of a task, quoted. */
export const LONGEST_ENTRY = 2 ** 18;
/** Bytes of all running entries that are read for one answer. */
export const MOST_ENTRY_BYTES = 2 ** 24;
/** Bytes of an answer to a ping. */
export const LONGEST_PONG = 2 ** 16;
/** Bytes or characters of anything else: a host, an address, a moment. */
export const LONGEST_WORD = 255;

const WORKER_NAME = /^[^\p{C}\p{Z}]+$/u;
const ONE_LINE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
const TASK_ID = /^[\w-]{1,64}$/;

/** Whether a worker may be called so: no blanks, nothing that a terminal takes for an order. */
export function isWorkerName(text: string): boolean {
  return text.length <= LONGEST_WORD && WORKER_NAME.test(text);
}

/** Whether this can be shown as it is. */
export function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_WORD && ONE_LINE.test(value);
}

/** Whether it may be the id of a task. Ours are UUIDs. */
export function isTaskId(text: string): boolean {
  return TASK_ID.test(text);
}
