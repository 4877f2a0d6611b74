import type { Redis } from 'ioredis';
import type { SubmissionKind } from '../../model/submission.ts';
import { FACTS_PREFIX, listKeys } from '../redis/keys.ts';
import { pairsOf } from '../redis/readAtOnce.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Takes those out of the list that nothing is kept of any more. KEYS list. ARGV ids. */
const FORGET_GONE = new RedisScript<null>(`
for _, id in ipairs(ARGV) do
  if redis.call('EXISTS', '${FACTS_PREFIX}' .. id) == 0 then redis.call('ZREM', KEYS[1], id) end
end
`);

/** A place in the list of a project's submissions. */
export interface SubmissionPlace {
  id: string;
  /** When it began, in epoch milliseconds. */
  atMs: number;
}

/** The scans of each project, or its plans, in the order in which they began, as long as something is kept of them. */
export class SubmissionIndex extends Store {
  readonly #kind: SubmissionKind;

  constructor(redis: Redis, kind: SubmissionKind = 'scan') {
    super(redis);
    this.#kind = kind;
  }

  /** Up to `count` of them, newest first, behind `after`. Those that begin meanwhile do not shift the others. */
  async page(project: string, after: SubmissionPlace | undefined, count: number): Promise<SubmissionPlace[]> {
    const key = listKeys(project, this.#kind).list;
    const places: SubmissionPlace[] = [];
    for (let offset = 0; places.length < count; offset += count) {
      const from = after?.atMs ?? '+inf';
      const flat = await this.redis.zrevrangebyscore(key, from, '-inf', 'WITHSCORES', 'LIMIT', offset, count);
      const found = pairsOf(flat).map(([id, at]) => ({ id, atMs: Number(at) }));
      places.push(...found.filter((place) => after === undefined || comesBehind(place, after)));
      if (found.length < count) break;
    }
    return places.slice(0, count);
  }

  /** Takes those out of the list that nothing is kept of. */
  async forgetGone(project: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await FORGET_GONE.run(this.redis, [listKeys(project, this.#kind).list], ids);
  }
}

/** Several may begin in the same millisecond: Redis orders those by their ids. */
function comesBehind(place: SubmissionPlace, after: SubmissionPlace): boolean {
  return place.atMs < after.atMs || (place.atMs === after.atMs && place.id < after.id);
}
