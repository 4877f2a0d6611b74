/** What concerns all submissions of a project at once, as Lua scripts; each is safe to run twice. */
import { EMIT, EVENT_NAMES } from '../events/script.ts';
import { FACTS_PREFIX, STOPS_KEY, UNKNOWN_PROJECTS_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { STOP, WAITING } from '../submissions/endScripts.ts';

/**
 * Takes back every open submission of a project: none of its batches can be tracked from here on.
 * KEYS open, reservations. ARGV project, now (ms), now (ISO 8601), who.
 * Returns the ids, then the number of targets that were not tracked yet.
 */
export const STOP_PROJECT = new RedisScript<string[]>(
  `${WAITING}${STOP}${EMIT}
local ids, waiting, scans = redis.call('SMEMBERS', KEYS[1]), 0, {}
redis.call('ZADD', '${STOPS_KEY}', 'NX', ARGV[2], ARGV[1])
for _, id in ipairs(ids) do
  local facts = '${FACTS_PREFIX}' .. id
  if redis.call('EXISTS', facts) == 1 then
    waiting = waiting + waitingOf(facts)
    redis.call('HSETNX', facts, 'ended_at', ARGV[3])
    -- One that is stopped already was told of: its stop is not finished yet.
    if redis.call('HGET', facts, 'state') ~= 'stopped' then scans[#scans + 1] = scanOf(id, facts) end
    stop(id)
  end
end
redis.call('DEL', KEYS[2])
if #scans > 0 then
  emit(ARGV[1], 'scan.cancelled', {what = 'project', by = ARGV[4], waiting = waiting,
    scans = {total = #scans, listed = {unpack(scans, 1, math.min(#scans, ${EVENT_NAMES}))}}})
end
ids[#ids + 1] = tostring(waiting)
return ids
`,
  'also when Redis is full',
);

/** KEYS users of the project. ARGV project. */
export const STOP_ENDED = new RedisScript<null>(`
redis.call('ZREM', '${STOPS_KEY}', ARGV[1])
redis.call('DEL', KEYS[1])
redis.call('HDEL', '${UNKNOWN_PROJECTS_KEY}', ARGV[1])
`);

/**
 * Tasks out plus targets that are not tracked yet, in one look: a batch that goes from the one to the other between two
 * looks would be missed, and a caller would take the scan for finished. So would one take a scan that is still planned.
 * KEYS project tasks, open.
 */
export const ACTIVE_OR_QUEUED = new RedisScript<number>(`${WAITING}
local sum = redis.call('SCARD', KEYS[1])
for _, id in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local facts = '${FACTS_PREFIX}' .. id
  local state = redis.call('HGET', facts, 'state')
  if state and state ~= 'stopped' then sum = sum + waitingOf(facts) end
end
return sum
`);

/** Takes a lock that nobody has. KEYS lock. ARGV our token, TTL (ms). Returns 1, or 0 when somebody has it. */
export const LOCK = new RedisScript<number>(
  `return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0`,
  'also when Redis is full',
);

/** Keeps a lock that is still ours. KEYS lock. ARGV our token, TTL (ms). Returns 1, or 0 when it is not ours any more. */
export const RENEW = new RedisScript<number>(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Releases a lock if it is still ours. KEYS lock. ARGV our token. */
export const UNLOCK = new RedisScript<null>(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);
