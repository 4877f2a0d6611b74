import {
  MISSING_KEY,
  PAUSED_KEY,
  projectKeys,
  STOPS_KEY,
  submissionKeys,
  UNKNOWN_PROJECTS_KEY,
} from '../redis/keys.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';

/** Seconds without a look after which what was missed is forgotten. A look may take a while with a long queue. */
const MISSING_LIFE_S = 300;
const SCAN_COUNT = 1_000;

/**
 * How many tasks of a scan are tracked, when all of them were sent and nothing holds the scan up: then what is out was
 * taken by RabbitMQ. -1: something is on its way, or it is paused, stopped or not to be sent.
 * KEYS facts, settings of the project. ARGV project.
 */
const SETTLED = new RedisScript<number>(`
local state, tracked, sent = unpack(redis.call('HMGET', KEYS[1], 'state', 'tracked', 'sent'))
if state ~= 'dispatching' and state ~= 'done' then return -1 end
if redis.call('ZSCORE', '${STOPS_KEY}', ARGV[1]) then return -1 end
local held = redis.call('HEXISTS', '${UNKNOWN_PROJECTS_KEY}', ARGV[1]) + redis.call('HEXISTS', KEYS[1], 'paused')
  + redis.call('HEXISTS', KEYS[2], 'paused') + redis.call('EXISTS', '${PAUSED_KEY}')
if held > 0 or tonumber(tracked or 0) ~= tonumber(sent or 0) then return -1 end
return tonumber(tracked or 0)
`);

/**
 * Notes that tasks are missing by number. Only one process at a time looks which.
 * KEYS missing. ARGV now, for how long they must have been missing, and the last look must be past, in milliseconds.
 * Returns 1 when it is time to look.
 */
const MISS = new RedisScript<0 | 1>(`
local now = tonumber(ARGV[1])
redis.call('HSETNX', KEYS[1], 'since', now)
redis.call('EXPIRE', KEYS[1], ${MISSING_LIFE_S})
local since, looked = unpack(redis.call('HMGET', KEYS[1], 'since', 'looked'))
if now - since < tonumber(ARGV[2]) or (looked and now - looked < tonumber(ARGV[3])) then return 0 end
redis.call('HSET', KEYS[1], 'looked', now)
return 1
`);

/** Tasks that are tracked as out, and of which nothing is to be found. */
export class LostStore extends Store {
  /** How many tasks of these projects are out. */
  async countOut(projects: readonly string[]): Promise<number> {
    const pipeline = this.redis.pipeline();
    for (const project of projects) pipeline.scard(workerKeys.projectTasks(project));
    return repliesOf<number>(await pipeline.exec()).reduce((sum, count) => sum + count, 0);
  }

  /**
   * The tasks of a scan that RabbitMQ has taken, that have not ended and have not come back. undefined: something of it is
   * on its way, or held up.
   */
  async sentAndOut(id: string, project: string): Promise<string[] | undefined> {
    const { facts, out, again } = submissionKeys(id);
    const settled = () => SETTLED.run(this.redis, [facts, projectKeys(project).dispatch], [project]);
    const before = await settled();
    if (before < 0) return undefined;
    const found: string[] = [];
    const stream = this.redis.sscanStream(out, { count: SCAN_COUNT }) as AsyncIterable<string[]>;
    for await (const ids of stream)
      for (const page of pages(ids)) {
        const members = await this.redis.smismember(workerKeys.projectTasks(project), ...page);
        // One that is sent again is noted until RabbitMQ has taken it.
        const waiting = await this.redis.hmget(again, ...page);
        found.push(...page.filter((_, index) => members[index] === 1 && waiting[index] === null));
      }
    // What was tracked meanwhile may be among them.
    return (await settled()) === before ? [...new Set(found)] : undefined;
  }

  /** Nothing is missing. */
  async nothingMissing(): Promise<void> {
    await this.redis.del(MISSING_KEY);
  }

  /** Tasks are missing by number; whether it is time to look which. */
  async isTimeToLook(times: { quietMs: number; sureMs: number }): Promise<boolean> {
    const now = timeOf(await this.redis.time());
    return (await MISS.run(this.redis, [MISSING_KEY], [now, times.quietMs, times.sureMs])) === 1;
  }

  /** Notes what a look did not find, and gives what the look before it did not find either. */
  async missed(ids: readonly string[]): Promise<string[]> {
    const before = await this.redis.hkeys(MISSING_KEY);
    const [known, now] = [new Set(before), new Set(ids)];
    const found = before.filter((field) => !now.has(field) && !TIMES.has(field));
    for (const page of pages(found)) await this.redis.hdel(MISSING_KEY, ...page);
    for (const page of pages(ids.filter((id) => !known.has(id))))
      await this.redis.hset(MISSING_KEY, Object.fromEntries(page.map((id) => [id, 1])));
    // Somebody may have deleted it meanwhile.
    await this.redis.expire(MISSING_KEY, MISSING_LIFE_S);
    return ids.filter((id) => known.has(id));
  }
}

/** The fields that are no tasks. */
const TIMES: ReadonlySet<string> = new Set(['since', 'looked']);
