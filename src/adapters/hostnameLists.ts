/** The host names of a submission's addresses: a hash, formatted address -> JSON list of its names, sorted. */
import type { Redis } from 'ioredis';
import { othersTurn } from '../turns.ts';
import { pages, repliesOf } from './pipeline.ts';

/** Addresses read or written between two places where others have their turn: a few milliseconds. */
const AT_ONCE = 2_000;

/** Those of all addresses that have some, as JSON lists; see {@link namesIn}. */
export async function readHostnames(redis: Redis, key: string): Promise<Map<string, string>> {
  const hostnames = new Map<string, string>();
  for (let cursor = '0'; ; ) {
    const [next, pairs] = await redis.hscan(key, cursor, 'COUNT', AT_ONCE);
    for (let at = 0; at < pairs.length; at += 2) hostnames.set(pairs[at] ?? '', pairs[at + 1] ?? '');
    if (next === '0') return hostnames;
    cursor = next;
    await othersTurn();
  }
}

/** A JSON list of some host names, which hold no quote. */
export function namesIn(text: string): string[] {
  return text.slice(2, -2).split('","');
}

export async function writeHostnames(
  redis: Redis,
  key: string,
  hostnames: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  for (const some of pages([...hostnames], AT_ONCE)) {
    const pipeline = redis.pipeline();
    for (const page of pages(some))
      pipeline.hset(key, ...page.flatMap(([address, names]) => [address, JSON.stringify(names)]));
    repliesOf(await pipeline.exec());
    await othersTurn();
  }
}
