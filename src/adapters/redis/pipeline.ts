import type { Redis } from 'ioredis';

/** Commands per pipeline: keeps a single answer of Redis small. */
const PAGE = 500;

/** Slices of a list that fit one pipeline each. */
export function* pages<T>(items: readonly T[], size = PAGE): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** The replies of a pipeline; the first error among them is thrown. */
export function repliesOf<T>(results: [Error | null, unknown][] | null): T[] {
  return (results ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply as T;
  });
}

/** What Redis keeps under these keys, in bytes, as it estimates it. */
export async function memoryOf(redis: Redis, keys: readonly string[]): Promise<number> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.memory('USAGE', key);
  return repliesOf<number | null>(await pipeline.exec()).reduce<number>(
    (sum, bytes) => sum + (bytes ?? 0),
    0,
  );
}
