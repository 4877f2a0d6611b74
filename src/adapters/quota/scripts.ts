/**
 * What projects and users have, and whether it may be more. Nothing has to be counted down: whoever is counted stands
 * here by name, and those that are no more are taken out when the limit seems to be reached. So no crash leaves a
 * count too high, and whoever deletes a submission need not know of quotas.
 */
import { FACTS_PREFIX, OPEN_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** Longer than anything is kept that nobody adds to; what is counted here is a few bytes each. */
const LIFE_S = 60 * 24 * 3600;
/** All that is stored is added up anew once in this time at most. */
const ADD_UP_EVERY_MS = 1_000;
/** Bytes of a submission beside its texts: its jobs, and its places in lists. */
const BESIDE = 8_192;

/**
 * In Lua, for an owner of quotaOwners: `{owner}:open` and `:plans` are sets of ids, `:bytes` a hash key -> bytes, the sum
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
local function tooMuch(owner, whose, bytes, limits)
  local limit = limits[whose].bytes
  if limit == 0 or stored(owner) + bytes <= limit then return end
  local has = addUp(owner)
  if has + bytes > limit then return {whose, 'bytes', has, bytes, limit} end
end
`;

/**
 * For a script that begins a submission. `quotaExcess` gives an Excess, or nil; it must come before anything is written.
 * `countIn` notes what was begun.
 */
export const QUOTAS = `${COUNTS}
local function tooMany(set, exists, limit)
  if limit == 0 or redis.call('SCARD', set) < limit then return end
  local has = there(set, exists)
  if has >= limit then return has end
end
local function quotaExcess(owners, kind, bytes, limits)
  for whose, owner in pairs(owners) do
    local open = tooMany(owner .. ':open', isOpen, limits[whose].open)
    if open then return {whose, 'open', open, 1, limits[whose].open} end
    local plans = kind == 'plan' and tooMany(owner .. ':plans', isKept, limits[whose].plans)
    if plans then return {whose, 'plans', plans, 1, limits[whose].plans} end
    local excess = tooMuch(owner, whose, bytes + ${BESIDE}, limits)
    if excess then return excess end
  end
end
local function countIn(owners, kind, bytes, id)
  for _, owner in pairs(owners) do
    local sets = kind == 'plan' and {':open', ':plans'} or {':open'}
    for _, set in ipairs(sets) do
      redis.call('SADD', owner .. set, id)
      redis.call('EXPIRE', owner .. set, ${LIFE_S})
    end
    store(owner, '${FACTS_PREFIX}' .. id, bytes + ${BESIDE})
  end
end
`;

/**
 * Counts what a submission takes by now. KEYS facts, owner, owner, every key of the submission ... ARGV quotas.
 * Returns an Excess, or nil.
 */
export const MEASURE = new RedisScript<unknown[] | null>(`${COUNTS}
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local bytes = ${BESIDE} + redis.call('MEMORY', 'USAGE', KEYS[1])
for i = 4, #KEYS do bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0) end
local limits = cjson.decode(ARGV[1])
for i, whose in ipairs({'project', 'user'}) do
  local owner = KEYS[1 + i]
  local before = tonumber(redis.call('HGET', owner .. ':bytes', KEYS[1]) or 0)
  store(owner, KEYS[1], bytes)
  local excess = tooMuch(owner, whose, 0, limits)
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
