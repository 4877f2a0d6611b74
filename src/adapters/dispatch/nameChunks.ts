/** The names of a submission, in the chunks that its resolve jobs look up: two hashes by chunk, names and what they came to. */
import type { Redis } from 'ioredis';
import type { ResolvedName } from '../../model/submission.ts';
import { inTurns } from '../../runtime/turns.ts';
import { decodeResolved } from '../names/resolutionCodec.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';

/** Chunks read or written at once: some hundred kilobytes of text. */
const AT_ONCE = 20;

export async function writeNameChunks(redis: Redis, key: string, chunks: readonly string[][]): Promise<void> {
  for (let start = 0; start < chunks.length; start += AT_ONCE) {
    const pipeline = redis.pipeline();
    for (const [index, names] of chunks.slice(start, start + AT_ONCE).entries())
      pipeline.hset(key, start + index, JSON.stringify(names));
    repliesOf(await pipeline.exec());
  }
}

/** What the names came to. `missing`: chunks that no resolve job wrote. There may be thousands of chunks. */
export async function readResolved(
  redis: Redis,
  keys: { names: string; resolved: string },
  signal?: AbortSignal,
): Promise<{ resolved: ResolvedName[]; missing: number }> {
  const resolved: ResolvedName[] = [];
  let missing = 0;
  const numbers = Array.from({ length: await redis.hlen(keys.names) }, (_, chunk) => String(chunk));
  for (const some of pages(numbers, AT_ONCE)) {
    signal?.throwIfAborted();
    const texts = await redis.hmget(keys.resolved, ...some);
    missing += await inTurns(parseInSteps(texts, resolved));
  }
  return { resolved, missing };
}

/** Adds what the chunks hold to `resolved`, each in a fraction of a millisecond, and gives how many are missing. */
function* parseInSteps(
  texts: readonly (string | null)[],
  resolved: ResolvedName[],
): Generator<undefined, number> {
  let missing = 0;
  for (const text of texts) {
    if (text === null) missing += 1;
    else for (const pair of decodeResolved(text)) resolved.push(pair);
    yield;
  }
  return missing;
}
