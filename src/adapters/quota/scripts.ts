/**
 * What projects and users have, and whether it may be more. Nothing has to be counted down: whoever is counted stands
 * here by name, and those that are no more are taken out when the limit seems to be reached. So no crash leaves a
 * count too high, and whoever deletes a submission need not know of quotas.
 */
import { FACTS_PREFIX, OPEN_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import type { Excess } from './quota.ts';

/** Longer than anything is kept that nobody adds to; what is counted here is a few bytes each. */
const LIFE_S = 60 * 24 * 3600;
/** All that is stored is added up anew once in this time at most. */
const ADD_UP_EVERY_MS = 1_000;
/** Bytes of a submission beside its texts: its jobs, and its places in lists. */
const BESIDE = 8_192;

/**
 * In Lua, for a quotaOwner: `{owner}:open` and `:plans` are sets of ids, `:bytes` a hash key -> bytes, the sum
 * under the empty key.
 */
const COUNTS = `
local function there(set, exists)
  for _, id in ipairs(redis.call('SMEMBERS', set)) do
    if exists(id) == 0 then redis.call('SREM', set, id) end
  end
  return redis.call('SCARD', set)
end
local function isOpen(id) return redis.call('HEXISTS', '${OPEN_KEY}', id) end
local function isKept(id) return redis.call('EXISTS', '${FACTS_PREFIX}' .. id) end
local function stored(owner)
  return tonumber(redis.call('HGET', owner .. ':bytes', '') or 0)
end
local function addUp(owner)
  local hash, sum = owner .. ':bytes', 0
  if not redis.call('SET', owner .. ':added-up', 1, 'PX', ${ADD_UP_EVERY_MS}, 'NX') then return stored(owner) end
  local flat = redis.call('HGETALL', hash)
  for i = 1, #flat, 2 do
    if flat[i] ~= '' then
      if redis.call('EXISTS', flat[i]) == 1 then sum = sum + tonumber(flat[i + 1])
      else redis.call('HDEL', hash, flat[i]) end
    end
  end
  redis.call('HSET', hash, '', sum)
  return sum
end
local function store(owner, key, bytes)
  local before = tonumber(redis.call('HGET', owner .. ':bytes', key) or 0)
  redis.call('HSET', owner .. ':bytes', key, bytes)
  redis.call('HINCRBY', owner .. ':bytes', '', bytes - before)
  redis.call('EXPIRE', owner .. ':bytes', ${LIFE_S})
end
local function tooMuch(quota, bytes)
  local limit = tonumber(quota.bytes)
  if limit == 0 or stored(quota.owner) + bytes <= limit then return end
  local has = addUp(quota.owner)
  if has + bytes > limit then return {quota.whose, 'bytes', has, bytes, limit} end
end
`;

/**
 * For a script that begins a submission. `quotaExcess` gives an Excess, or nil; it must come before anything is written.
 * `countIn` notes what was begun. `quotas` are those of quotasOf.
 */
export const QUOTAS = `${COUNTS}
local function tooMany(quota, what, exists)
  local set, limit = quota.owner .. ':' .. what, tonumber(quota[what])
  if limit == 0 or redis.call('SCARD', set) < limit then return end
  local has = there(set, exists)
  if has >= limit then return {quota.whose, what, has, 1, limit} end
end
local function quotaExcess(quotas, kind, bytes)
  for _, quota in ipairs(quotas) do
    local excess = tooMany(quota, 'open', isOpen)
      or kind == 'plan' and tooMany(quota, 'plans', isKept)
      or tooMuch(quota, bytes + ${BESIDE})
    if excess then return excess end
  end
end
local function countIn(quotas, kind, bytes, id)
  for _, quota in ipairs(quotas) do
    local sets = kind == 'plan' and {':open', ':plans'} or {':open'}
    for _, set in ipairs(sets) do
      redis.call('SADD', quota.owner .. set, id)
      redis.call('EXPIRE', quota.owner .. set, ${LIFE_S})
    end
    store(quota.owner, '${FACTS_PREFIX}' .. id, bytes + ${BESIDE})
  end
end
`;

/**
 * Counts what a submission takes by now. KEYS facts, every other key of the submission ... ARGV quotas.
 * Returns an Excess, or nil.
 */
export const MEASURE = new RedisScript<Excess | null>(`${COUNTS}
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local bytes = ${BESIDE}
for _, key in ipairs(KEYS) do bytes = bytes + (redis.call('MEMORY', 'USAGE', key) or 0) end
for _, quota in ipairs(cjson.decode(ARGV[1])) do
  local before = tonumber(redis.call('HGET', quota.owner .. ':bytes', KEYS[1]) or 0)
  store(quota.owner, KEYS[1], bytes)
  local excess = tooMuch(quota, 0)
  if excess then
    excess[4] = bytes - before
    excess[3] = excess[3] - excess[4]
    return excess
  end
end
return false
`);

/** Counts what a key takes that is kept for a project beside its submissions. KEYS key, owner. */
export const COUNT_KEY = new RedisScript<null>(`${COUNTS}
store(KEYS[2], KEYS[1], redis.call('MEMORY', 'USAGE', KEYS[1]) or 0)
`);
