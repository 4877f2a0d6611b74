/** Keys that are Tasker's alone, for tests that look at them or change them: nothing else knows how they are named. */
import { FACTS_PREFIX, KEY_PREFIX } from '../../src/adapters/redis/keys.ts';
import { QUEUE_PREFIX } from '../../src/adapters/redis/redis.ts';
import type { StageName } from '../../src/model/submission.ts';

/** Where BullMQ keeps a queue, or something of it. */
export function queueKey(queue: StageName | 'housekeeping' | '*', ...rest: string[]): string {
  return [QUEUE_PREFIX, queue, ...rest].join(':');
}

/** What is kept of submissions, or of those with this id. */
export function submissionPattern(id = '*'): string {
  return `${FACTS_PREFIX}${id}`;
}

/** Where a part of a submission is kept. */
export function partKey(id: string, name: string): string {
  return `${FACTS_PREFIX}${id}:${name}`;
}

/** What DNS said, as processes share it; `young` or `old`. */
export const DNS_CACHE_PATTERN = `${KEY_PREFIX}:dns:*`;
/** What is counted for quotas. */
export const QUOTA_PATTERN = `${KEY_PREFIX}:quota:*`;

/** Whether a key is Tasker's alone, and none that workers share. */
export function isOwnKey(key: string): boolean {
  return key.startsWith(`${KEY_PREFIX}:`);
}
