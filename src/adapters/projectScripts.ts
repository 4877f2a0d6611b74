/** What concerns all submissions of a project at once, as Lua scripts; each is safe to run twice. */
import { RedisScript } from './redisScript.ts';

/**
 * Takes back every open submission of a project: none of its batches can be tracked from here on.
 * KEYS open, reservations, stops. ARGV prefix of the facts keys, project, now (ms), now (ISO 8601).
 * Returns the ids, then the number of accepted targets that were not tracked yet.
 */
export const STOP_PROJECT = new RedisScript<string[]>(`
local ids, waiting = redis.call('SMEMBERS', KEYS[1]), 0
redis.call('ZADD', KEYS[3], 'NX', ARGV[3], ARGV[2])
for _, id in ipairs(ids) do
  local facts = ARGV[1] .. id
  local numbers = redis.call('HMGET', facts, 'total', 'tracked', 'in_flight')
  if redis.call('EXISTS', facts) == 1 then
    redis.call('HSET', facts, 'state', 'stopped')
    redis.call('HSETNX', facts, 'ended_at', ARGV[4])
  end
  waiting = waiting + (tonumber(numbers[1] or 0) or 0) - (tonumber(numbers[2] or 0) or 0)
  if numbers[3] and redis.call('GET', numbers[3]) == id then redis.call('DEL', numbers[3]) end
end
redis.call('DEL', KEYS[2])
ids[#ids + 1] = tostring(waiting)
return ids
`);

/**
 * Tasks out plus accepted targets that are not tracked yet, in one look: a batch that goes from the one to the other
 * between two looks would be missed, and a caller would take the scan for finished.
 * KEYS project tasks, reservations. ARGV prefix of the facts keys.
 */
export const ACTIVE_OR_QUEUED = new RedisScript<number>(`
local sum = redis.call('SCARD', KEYS[1])
for _, id in ipairs(redis.call('HKEYS', KEYS[2])) do
  local numbers = redis.call('HMGET', ARGV[1] .. id, 'total', 'tracked')
  sum = sum + (tonumber(numbers[1] or 0) or 0) - (tonumber(numbers[2] or 0) or 0)
end
return sum
`);

/** Releases a lock if it is still ours. KEYS lock. ARGV our token. */
export const UNLOCK = new RedisScript<null>(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);
