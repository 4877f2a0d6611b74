import type { Redis } from 'ioredis';
import type { SubmissionKind } from '../../model/submission.ts';
import { FACTS_PREFIX, listKeys, PROJECT_PREFIX, PROJECTS_KEY, projectKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
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

/** Takes a project out that has no scan any more. KEYS projects. ARGV projects. */
const FORGET_EMPTY = new RedisScript<null>(`
for _, project in ipairs(ARGV) do
  if redis.call('EXISTS', '${PROJECT_PREFIX}' .. project .. ':submissions') == 0 then
    redis.call('ZREM', KEYS[1], project)
  end
end
`);

/** Projects of which scans are kept. */
export class ProjectIndex extends Store {
  /** The `most` with the newest scans, those first. */
  async newest(most: number): Promise<string[]> {
    return this.redis.zrevrange(PROJECTS_KEY, 0, most - 1);
  }

  /** Of each project that has scans: how many are open, how many kept, when the newest began, and whether it is paused. */
  async listsOf(
    projects: readonly string[],
  ): Promise<Map<string, { open: number; kept: number; newestMs: number; paused: boolean }>> {
    const pipeline = this.redis.pipeline();
    for (const project of projects) {
      const { open, submissions, dispatch } = projectKeys(project);
      pipeline.scard(open).zcard(submissions).zrevrange(submissions, 0, 0, 'WITHSCORES');
      pipeline.hexists(dispatch, 'paused');
    }
    const replies = repliesOf<unknown>(await pipeline.exec());
    const lists = projects.flatMap((project, index) => {
      const own = replies.slice(4 * index) as [number, number, string[], number];
      const [open, kept, [, newest], paused] = own;
      return newest === undefined
        ? []
        : [[project, { open, kept, newestMs: Number(newest), paused: paused === 1 }] as const];
    });
    return new Map(lists);
  }

  async forgetEmpty(projects: readonly string[]): Promise<void> {
    if (projects.length > 0) await FORGET_EMPTY.run(this.redis, [PROJECTS_KEY], projects);
  }
}

/** Several may begin in the same millisecond: Redis orders those by their ids. */
function comesBehind(place: SubmissionPlace, after: SubmissionPlace): boolean {
  return place.atMs < after.atMs || (place.atMs === after.atMs && place.id < after.id);
}
