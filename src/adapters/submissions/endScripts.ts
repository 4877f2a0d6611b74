/** How submissions end, as Lua scripts. Each is safe to run twice with the same arguments. */
import { EMIT } from '../events/script.ts';
import {
  ENDING_PLANS_KEY,
  FACTS_PREFIX,
  OPEN_KEY,
  SUBMISSION_CHANNEL,
  UNFINISHED_KEY,
} from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** How long an ended submission can be looked at. */
export const RETENTION_S = 24 * 3600;
/** As long as a plan that was made: it can be asked for anew at any time. */
export const FAILED_PLAN_LIFE_MS = RETENTION_S * 1_000;

/**
 * Targets of a submission that are not tracked: those that came back, and what dedup reserved, or as long as it plans what
 * intake expects, at least one. In Lua, for a facts key.
 */
export const WAITING = `
local function waitingOf(facts)
  local numbers = redis.call('HMGET', facts, 'total', 'tracked', 'expected', 'again')
  if numbers[1] then
    return tonumber(numbers[1]) - (tonumber(numbers[2] or 0) or 0) + (tonumber(numbers[4] or 0) or 0)
  end
  return math.max(1, tonumber(numbers[3] or 0) or 0)
end
`;

/** The project has no such scan; nothing of it is left to be sent. */
export type RefusedFor = 'unknown' | 'ended';

/** Why nothing of a scan is to be changed; nil: it may be. In Lua, for a facts key and a project. */
export const REFUSED_FOR = `
local function refusedFor(facts, project)
  local kind, of, state = unpack(redis.call('HMGET', facts, 'kind', 'project', 'state'))
  if kind ~= 'scan' or of ~= project then return 'unknown' end
  if state ~= 'planning' and state ~= 'dispatching' then return 'ended' end
end
`;

/** From here on nothing of it is sent, nobody runs or joins it, and whoever works on it is told. In Lua. */
export const STOP = `
local function stop(id)
  local facts = '${FACTS_PREFIX}' .. id
  redis.call('HSET', facts, 'state', 'stopped')
  local inFlight = redis.call('HGET', facts, 'in_flight')
  if inFlight and redis.call('GET', inFlight) == id then redis.call('DEL', inFlight) end
  redis.call('PUBLISH', '${SUBMISSION_CHANNEL}', 'stopped ' .. id)
end
`;

/** Of a list that no open submission stands in, nothing is kept longer than of its last one. In Lua. */
const EXPIRE_LIST = `
local function expireList(list, open)
  if redis.call('EXISTS', open) == 0 then redis.call('EXPIRE', list, ${RETENTION_S}) end
end
`;

/**
 * The last batch is out: releases the reservation and lets the keys expire. Should something have come back in this moment,
 * whoever sends that ends the submission. A scan is followed from here on, until none of its tasks is out; see FOLLOW.
 * KEYS facts, reservations, those of the kind that are open in the project, the list of the kind, every other key of the
 * submission ... ARGV id, now (ISO 8601).
 */
export const FINISH = new RedisScript<null>(
  `${EXPIRE_LIST}
local facts, reservations, open, list = unpack(KEYS, 1, 4)
local state, again, kind, project = unpack(redis.call('HMGET', facts, 'state', 'again', 'kind', 'project'))
if state ~= 'stopped' then
  if tonumber(again or 0) > 0 then
    redis.call('HSET', facts, 'reopened', 1)
    return
  end
  redis.call('HSET', facts, 'state', 'done')
end
redis.call('HDEL', facts, 'reopened', 'paused')
redis.call('HSETNX', facts, 'ended_at', ARGV[2])
if kind == 'scan' and project then redis.call('HSET', '${UNFINISHED_KEY}', ARGV[1], project) end
redis.call('HDEL', reservations, ARGV[1])
redis.call('SREM', open, ARGV[1])
redis.call('HDEL', '${OPEN_KEY}', ARGV[1])
redis.call('EXPIRE', facts, ${RETENTION_S})
for i = 5, #KEYS do redis.call('EXPIRE', KEYS[i], ${RETENTION_S}) end
expireList(list, open)
`,
  'also when Redis is full',
);

/** Nobody tried again what had failed. ARGV id. */
export const GIVE_UP = new RedisScript<null>(
  `${STOP}${EMIT}
local facts = '${FACTS_PREFIX}' .. ARGV[1]
local project, state = unpack(redis.call('HMGET', facts, 'project', 'state'))
if not project or state == 'stopped' then return end
stop(ARGV[1])
emit(project, 'scan.cancelled', {what = 'scan', scan = scanOf(ARGV[1], facts), by = '', waiting = 0})
`,
  'also when Redis is full',
);

/**
 * Tells that a scan has failed, once for each time that one of its jobs gives up. KEYS facts. ARGV id, which time (job
 * and when), stage, why.
 */
export const TELL_FAILURE = new RedisScript<null>(
  `${EMIT}
local kind, project, state, told = unpack(redis.call('HMGET', KEYS[1], 'kind', 'project', 'state', 'failure_told'))
if kind ~= 'scan' or (state ~= 'planning' and state ~= 'dispatching') or told == ARGV[2] then return end
redis.call('HSET', KEYS[1], 'failure_told', ARGV[2])
emit(project, 'scan.failed', {scan = scanOf(ARGV[1], KEYS[1]), stage = ARGV[3], reason = ARGV[4]})
`,
  'also when Redis is full',
);

/** Ends a plan, made or not. ARGV id, project. When the project has no such plan it is 'unknown'. */
export const END_PLAN = new RedisScript<'ending' | 'unknown'>(
  `${STOP}
local kind, project = unpack(redis.call('HMGET', '${FACTS_PREFIX}' .. ARGV[1], 'kind', 'project'))
if kind ~= 'plan' or project ~= ARGV[2] then return 'unknown' end
stop(ARGV[1])
redis.call('HSET', '${ENDING_PLANS_KEY}', ARGV[1], project)
return 'ending'
`,
  'also when Redis is full',
);

/** Ends every plan of a project that is still being made, or failed. KEYS open plans. ARGV project. Returns their ids. */
export const END_OPEN_PLANS = new RedisScript<string[]>(
  `${STOP}
local ids = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if redis.call('HGET', '${FACTS_PREFIX}' .. id, 'state') == 'planning' then
    stop(id)
    redis.call('HSET', '${ENDING_PLANS_KEY}', id, ARGV[1])
    ids[#ids + 1] = id
  end
end
return ids
`,
  'also when Redis is full',
);

/**
 * Deletes whatever is kept of a submission or plan.
 * KEYS reservations, then twice: open in the project, list; every key of the submission ... ARGV id.
 */
export const FORGET = new RedisScript<null>(
  `${EXPIRE_LIST}
redis.call('HDEL', '${OPEN_KEY}', ARGV[1])
redis.call('HDEL', '${ENDING_PLANS_KEY}', ARGV[1])
redis.call('HDEL', '${UNFINISHED_KEY}', ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
for i = 2, 4, 2 do
  redis.call('SREM', KEYS[i], ARGV[1])
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
  expireList(KEYS[i + 1], KEYS[i])
end
for i = 6, #KEYS do redis.call('UNLINK', KEYS[i]) end
`,
  'also when Redis is full',
);
