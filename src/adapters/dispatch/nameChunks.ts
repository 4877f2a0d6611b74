/** The names of a submission, in the chunks that its resolve jobs look up: two hashes by chunk, names and what they came to. */
import type { Redis } from 'ioredis';
import { pages, repliesOf } from '../redis/pipeline.ts';

/** Chunks read or written at once: some hundred kilobytes of text. */
const AT_ONCE = 20;

/** @param chunks each a JSON list */
export async function writeNameChunks(redis: Redis, key: string, chunks: readonly string[]): Promise<void> {
  for (let start = 0; start < chunks.length; start += AT_ONCE) {
    const pipeline = redis.pipeline();
    for (const [index, names] of chunks.slice(start, start + AT_ONCE).entries())
      pipeline.hset(key, start + index, names);
    repliesOf(await pipeline.exec());
  }
}

/** What the names came to, chunk by chunk. `missing`: chunks that no resolve job wrote. There may be thousands. */
export async function readResolved(
  redis: Redis,
  keys: { names: string; resolved: string },
  signal?: AbortSignal,
): Promise<{ resolved: string[]; missing: number }> {
  const resolved: string[] = [];
  const numbers = Array.from({ length: await redis.hlen(keys.names) }, (_, chunk) => String(chunk));
  for (const some of pages(numbers, AT_ONCE)) {
    signal?.throwIfAborted();
    for (const text of await redis.hmget(keys.resolved, ...some)) if (text !== null) resolved.push(text);
  }
  return { resolved, missing: numbers.length - resolved.length };
}
