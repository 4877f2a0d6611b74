import type { Redis } from 'ioredis';

const SCAN_COUNT = 1_000;

/** Keys like this pattern, each once, and so many at most. Looks at every key of the database. */
export async function keysLike(redis: Redis, pattern: string, most: number): Promise<string[]> {
  const found = new Set<string>();
  const stream = redis.scanStream({ match: pattern, count: SCAN_COUNT });
  for await (const keys of stream as AsyncIterable<string[]>) {
    for (const key of keys) found.add(key);
    if (found.size >= most) break;
  }
  return [...found].slice(0, most);
}
