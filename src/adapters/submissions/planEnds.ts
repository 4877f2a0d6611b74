import type { AuditNote } from '../audit/entry.ts';
import {
  ENDING_PLANS_KEY,
  FACTS_PREFIX,
  listKeys,
  OPEN_KEY,
  SUBMISSION_CHANNEL,
  submissionKeys,
} from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { EXPIRE_LIST, RETENTION_S } from './scripts.ts';

/** As long as a plan that was made: it can be asked for anew at any time. */
export const FAILED_PLAN_LIFE_MS = 24 * 3_600_000;

/** From here on nobody runs the plan or joins it, and whoever works on it is told. In Lua. */
const END = `
local function endPlan(facts, ending, id, project, channel)
  redis.call('HSET', facts, 'state', 'stopped')
  local inFlight = redis.call('HGET', facts, 'in_flight')
  if inFlight and redis.call('GET', inFlight) == id then redis.call('DEL', inFlight) end
  redis.call('HSET', ending, id, project)
  redis.call('PUBLISH', channel, 'stopped ' .. id)
end
`;

/** KEYS facts, ending. ARGV channel, id, project. When the project has no such plan it is 'unknown'. */
const END_ONE = new RedisScript<'ending' | 'unknown'>(
  `${END}
local known = redis.call('HMGET', KEYS[1], 'kind', 'project')
if known[1] ~= 'plan' or known[2] ~= ARGV[3] then return 'unknown' end
endPlan(KEYS[1], KEYS[2], ARGV[2], ARGV[3], ARGV[1])
return 'ending'
`,
  'also when Redis is full',
);

/**
 * Ends every plan of a project that is still being made, or failed.
 * KEYS open plans, ending. ARGV channel, prefix of the facts keys, project. Returns their ids.
 */
const END_OPEN = new RedisScript<string[]>(
  `${END}
local ids = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('HGET', ARGV[2] .. id, 'state') == 'planning' then
    endPlan(ARGV[2] .. id, KEYS[2], id, ARGV[3], ARGV[1])
    ids[#ids + 1] = id
  end
end
return ids
`,
  'also when Redis is full',
);

/**
 * Deletes what is kept of a plan. KEYS open plans, plans, open, ending, every key of the plan ... ARGV id, seconds for
 * which the list is kept when no plan is open.
 */
const FORGET = new RedisScript<null>(
  `${EXPIRE_LIST}
redis.call('SREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
for i = 5, #KEYS do redis.call('UNLINK', KEYS[i]) end
expireList(KEYS[2], KEYS[1], ARGV[2])
`,
  'also when Redis is full',
);

/**
 * The early end of plans: they are marked first, their jobs go, and then everything that is kept of them. Whoever marked
 * one may die: it stays among those that are ending until nothing is left.
 */
export class PlanEnds extends Store {
  /** false: the project has no such plan (any more). */
  async begin(id: string, project: string, note?: AuditNote): Promise<boolean> {
    const keys = [submissionKeys(id).facts, ENDING_PLANS_KEY];
    const args = [SUBMISSION_CHANNEL, id, project];
    return (await END_ONE.run(this.redis, keys, args, note)) === 'ending';
  }

  /** Gives those that were still being made, or had failed. */
  async beginAll(project: string): Promise<string[]> {
    const keys = [listKeys(project, 'plan').open, ENDING_PLANS_KEY];
    return END_OPEN.run(this.redis, keys, [SUBMISSION_CHANNEL, FACTS_PREFIX, project]);
  }

  /** Plan -> project: those that are marked, and of which something is left. */
  begun(): Promise<Record<string, string>> {
    return this.redis.hgetall(ENDING_PLANS_KEY);
  }

  /** Nothing may be at work on it any more. */
  async forget(id: string, project: string): Promise<void> {
    const { open, list } = listKeys(project, 'plan');
    await FORGET.run(
      this.redis,
      [open, list, OPEN_KEY, ENDING_PLANS_KEY, ...Object.values(submissionKeys(id))],
      [id, RETENTION_S],
    );
  }
}
