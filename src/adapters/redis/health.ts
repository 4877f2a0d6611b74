import type { Redis } from 'ioredis';
import type { Warning } from '../../model/submission.ts';
import { KEY_PREFIX } from './keys.ts';
import { redisCall } from './redis.ts';

/** string: written to see that it can be. */
const WRITTEN_KEY = `${KEY_PREFIX}:ready`;
const WRITTEN_LIFE_S = 60;
/** Of `maxmemory`: from here on somebody should act. */
const NEARLY_FULL = 0.8;

/**
 * Whether Redis takes writes: one that is full, or whose disk is, answers and does not.
 * @throws ServiceUnavailableError when it does not answer, or refuses
 */
export async function checkWrites(redis: Redis): Promise<void> {
  await redisCall(() => redis.set(WRITTEN_KEY, '1', 'EX', WRITTEN_LIFE_S));
}

/** In bytes; `most`: `maxmemory`, 0: none is set. `evicted`: keys that were thrown away to make room. */
export async function memoryState(redis: Redis): Promise<{ used: number; most: number; evicted: number }> {
  const [memory, stats] = await Promise.all([redis.info('memory'), redis.info('stats')]);
  return {
    used: numberIn(memory, 'used_memory'),
    most: numberIn(memory, 'maxmemory'),
    evicted: numberIn(stats, 'evicted_keys'),
  };
}

export async function memoryWarnings(redis: Redis): Promise<Warning[]> {
  return redisCall(async () => {
    const { used, most } = await memoryState(redis);
    if (most === 0 || used < NEARLY_FULL * most) return [];
    const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
    const message = `redis uses ${megabytes(used)} MB of ${megabytes(most)} MB (maxmemory): raise that, or stop scans that wait; when it is full, nothing is taken in or planned`;
    return [{ code: 'redis_nearly_full', message }];
  });
}

function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
}
