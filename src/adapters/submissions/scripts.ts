/**
 * The steps of a submission that must be one step, as Lua scripts: whatever decides from what it reads.
 * Each is safe to run twice with the same arguments, since every job may run twice.
 */

import { QUOTAS } from '../quota/scripts.ts';
import { PUT_IN_PLACE } from '../redis/chunkedValue.ts';
import { RedisScript } from '../redis/script.ts';

/** How long an ended submission can be looked at. */
export const RETENTION_S = 24 * 3600;
/** Put off by whoever reads it: it must not go while somebody decides by it. */
export const VERSION_LIFE_S = 14 * 24 * 3600;

/** Of a list that no open submission stands in, nothing is kept longer than of its last one. In Lua. */
export const EXPIRE_LIST = `
local function expireList(list, open, seconds)
  if redis.call('EXISTS', open) == 0 then redis.call('EXPIRE', list, seconds) end
end
`;

/**
 * Joins the submission that the same request started, if it is still planning; otherwise begins a new one.
 * KEYS in-flight, facts, entries, those of the kind that are open in the project, invalid, exclude, warnings, the list
 * of the kind, the entries beside their place, open, owners of quotas (project, user). ARGV id, waiting TTL (s), last
 * piece and length of the entries, invalid or '', kind, exclude or '', warnings or '', now (ms), project, quotas, bytes
 * that it will take, then field, value, ...
 * Returns the id that counts, or which quota is used up.
 */
export const BEGIN = new RedisScript<string | unknown[]>(`${PUT_IN_PLACE}${QUOTAS}
local id = redis.call('GET', KEYS[1])
if id then
  redis.call('UNLINK', KEYS[9])
  return id
end
local owners = {project = KEYS[11], user = KEYS[12]}
local excess = quotaExcess(owners, ARGV[6], tonumber(ARGV[12]), cjson.decode(ARGV[11]))
if excess then
  redis.call('UNLINK', KEYS[9])
  return excess
end
putInPlace(KEYS[9], KEYS[3], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[3], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'state', 'planning', unpack(ARGV, 13))
redis.call('HSET', KEYS[10], ARGV[1], ARGV[10])
countIn(owners, ARGV[6], tonumber(ARGV[12]), ARGV[1])
if ARGV[5] ~= '' then redis.call('SET', KEYS[5], ARGV[5], 'EX', ARGV[2]) end
if ARGV[7] ~= '' then redis.call('SET', KEYS[6], ARGV[7], 'EX', ARGV[2]) end
if ARGV[8] ~= '' then redis.call('HSET', KEYS[7], 'intake', ARGV[8]) end
redis.call('EXPIRE', KEYS[7], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('SADD', KEYS[4], ARGV[1])
redis.call('ZADD', KEYS[8], ARGV[9], ARGV[1])
redis.call('PERSIST', KEYS[8])
-- Also where nobody ever lists them, those of which nothing is kept do not pile up.
local prefix = string.sub(KEYS[2], 1, #KEYS[2] - #ARGV[1])
for _, old in ipairs(redis.call('ZRANGE', KEYS[8], 0, 3)) do
  if redis.call('EXISTS', prefix .. old) == 0 then redis.call('ZREM', KEYS[8], old) end
end
return ARGV[1]
`);

/**
 * Begins a scan of what a plan came to. A second time it changes nothing. Another project has no such plan, whatever
 * has become of it: an id must not open what is not the caller's.
 * KEYS facts of the plan, facts, open of the project, submissions, open, owners of quotas (project, user), then for each
 * text that is taken over: that of the plan, that of the scan. ARGV id, user, now (ISO 8601), plan, project, now (ms),
 * quotas, then the fields that are taken over.
 * Returns 'begun', 'known', or 'unplanned' when there is no such plan or it is not ready; or which quota is used up.
 */
export const BEGIN_PLANNED = new RedisScript<'begun' | 'known' | 'unplanned' | unknown[]>(`${QUOTAS}
local known = redis.call('HGET', KEYS[2], 'project')
if known then return known == ARGV[5] and 'known' or 'unplanned' end
local plan = redis.call('HMGET', KEYS[1], 'kind', 'state', 'project')
if plan[1] ~= 'plan' or plan[2] == 'planning' or plan[2] == 'stopped' or plan[3] ~= ARGV[5] then return 'unplanned' end
local owners = {project = KEYS[6], user = KEYS[7]}
local bytes = 0
for i = 8, #KEYS, 2 do bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0) end
local excess = quotaExcess(owners, 'scan', bytes, cjson.decode(ARGV[7]))
if excess then return excess end
for i = 8, #KEYS, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1]) end
for i = 8, #KEYS, 2 do redis.call('PERSIST', KEYS[i + 1]) end
for i = 8, #ARGV do
  local value = redis.call('HGET', KEYS[1], ARGV[i])
  if value then redis.call('HSET', KEYS[2], ARGV[i], value) end
end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'kind', 'scan', 'state', 'planning', 'user', ARGV[2],
  'created_at', ARGV[3], 'plan', ARGV[4], 'expected', redis.call('HGET', KEYS[1], 'total') or 0)
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
redis.call('PERSIST', KEYS[4])
redis.call('HSET', KEYS[5], ARGV[1], ARGV[5])
countIn(owners, 'scan', bytes, ARGV[1])
return 'begun'
`);

/**
 * Holds the accepted set for the submission, unless somebody reserved since dedup read the version.
 * KEYS facts, version, reservations, accepted, the set beside its place.
 * ARGV id, version read, canonical ports, last piece and length of the set, total, field, value, ...
 * Returns 'reserved', 'again' or 'stopped'.
 */
export const RESERVE = new RedisScript<'reserved' | 'again' | 'stopped'>(`${PUT_IN_PLACE}
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then redis.call('UNLINK', KEYS[5]) return 'stopped' end
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[2] then redis.call('UNLINK', KEYS[5]) return 'again' end
putInPlace(KEYS[5], KEYS[4], ARGV[4], ARGV[5])
redis.call('HSET', KEYS[1], 'total', ARGV[6], unpack(ARGV, 7))
if ARGV[6] ~= '0' then
  redis.call('INCR', KEYS[2])
  redis.call('EXPIRE', KEYS[2], ${VERSION_LIFE_S})
  redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
end
return 'reserved'
`);

/**
 * Planning is over: the answer is true now, and the same request is a new one from here on.
 * KEYS facts, in-flight. ARGV id, channel, now (ISO 8601).
 */
export const PLANNED = new RedisScript<'dispatching' | 'stopped'>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 'stopped' end
if state == 'planning' then redis.call('HSET', KEYS[1], 'state', 'dispatching', 'planned_at', ARGV[3]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', ARGV[2], 'planned ' .. ARGV[1])
return 'dispatching'
`);

/**
 * The last batch is out: releases the reservation and lets the keys expire.
 * KEYS facts, reservations, those of the kind that are open in the project, open, the list of the kind, every other key
 * of the submission ... ARGV id, retention (s), now (ISO 8601).
 */
export const FINISH = new RedisScript<null>(
  `${EXPIRE_LIST}
if redis.call('HGET', KEYS[1], 'state') ~= 'stopped' then redis.call('HSET', KEYS[1], 'state', 'done') end
redis.call('HSETNX', KEYS[1], 'ended_at', ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
for i = 6, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
expireList(KEYS[5], KEYS[3], ARGV[2])
`,
  'also when Redis is full',
);

/** KEYS facts. ARGV id, channel. */
export const GIVE_UP = new RedisScript<null>(
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], 'state', 'stopped')
local inFlight = redis.call('HGET', KEYS[1], 'in_flight')
if inFlight and redis.call('GET', inFlight) == ARGV[1] then redis.call('DEL', inFlight) end
redis.call('PUBLISH', ARGV[2], 'stopped ' .. ARGV[1])
`,
  'also when Redis is full',
);

/**
 * Nothing is kept of a submission that never ended.
 * KEYS open, reservations, then twice: open in the project, list. ARGV id, retention (s).
 */
export const FORGET_OPEN = new RedisScript<null>(
  `${EXPIRE_LIST}
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
for i = 3, #KEYS, 2 do
  redis.call('SREM', KEYS[i], ARGV[1])
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
  expireList(KEYS[i + 1], KEYS[i], ARGV[2])
end
`,
  'also when Redis is full',
);

/**
 * Notes which sent targets of a submission a stop took back, for as long as the submission is kept.
 * KEYS facts, taken back. ARGV set.
 */
export const TAKEN_BACK = new RedisScript<null>(
  `
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('SET', KEYS[2], ARGV[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl > 0 then redis.call('PEXPIRE', KEYS[2], ttl) end
`,
  'also when Redis is full',
);

/**
 * Takes submissions of which nothing is kept any more out of the list.
 * KEYS submissions. ARGV prefix of the facts keys, then ids.
 */
export const FORGET_GONE = new RedisScript<null>(`
for i = 2, #ARGV do
  if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
`);
