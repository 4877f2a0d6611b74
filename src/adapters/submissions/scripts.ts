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
 * of the kind, the entries beside their place, open, owners of quotas (project, user). ARGV {id, kind, project, ttlS,
 * nowMs, fields of the facts, length of the entries, quotas, bytes that it will take, and where there are any: invalid,
 * exclude, warnings}, last piece of the entries.
 * Returns the id that counts, or which quota is used up.
 */
export const BEGIN = new RedisScript<string | unknown[]>(`${PUT_IN_PLACE}${QUOTAS}
local inFlight, facts, entries, openOfKind, invalid, exclude, warnings, list, beside, open, project, user = unpack(KEYS)
local given, owners = cjson.decode(ARGV[1]), {project = project, user = user}
local known = redis.call('GET', inFlight)
if known then
  redis.call('UNLINK', beside)
  return known
end
local bytes = tonumber(given.bytes)
local excess = quotaExcess(owners, given.kind, bytes, cjson.decode(given.quotas))
if excess then
  redis.call('UNLINK', beside)
  return excess
end
putInPlace(beside, entries, ARGV[2], given.length)
redis.call('EXPIRE', entries, given.ttlS)
redis.call('SET', inFlight, given.id, 'EX', given.ttlS)
redis.call('HSET', facts, 'id', given.id, 'state', 'planning')
for field, value in pairs(given.fields) do redis.call('HSET', facts, field, value) end
redis.call('HSET', open, given.id, given.project)
countIn(owners, given.kind, bytes, given.id)
if given.invalid then redis.call('SET', invalid, given.invalid, 'EX', given.ttlS) end
if given.exclude then redis.call('SET', exclude, given.exclude, 'EX', given.ttlS) end
if given.warnings then redis.call('HSET', warnings, 'intake', given.warnings) end
redis.call('EXPIRE', warnings, given.ttlS)
redis.call('EXPIRE', facts, given.ttlS)
redis.call('SADD', openOfKind, given.id)
redis.call('ZADD', list, given.nowMs, given.id)
redis.call('PERSIST', list)
-- Also where nobody ever lists them, those of which nothing is kept do not pile up.
local prefix = string.sub(facts, 1, #facts - #given.id)
for _, old in ipairs(redis.call('ZRANGE', list, 0, 3)) do
  if redis.call('EXISTS', prefix .. old) == 0 then redis.call('ZREM', list, old) end
end
return given.id
`);

/**
 * Begins a scan of what a plan came to. A second time it changes nothing. Another project has no such plan, whatever
 * has become of it: an id must not open what is not the caller's.
 * KEYS facts of the plan, facts, open of the project, submissions, open, owners of quotas (project, user), then for each
 * text that is taken over: that of the plan, that of the scan. ARGV {id, plan, project, user, createdAt (ISO 8601), nowMs,
 * quotas, names of the fields that are taken over}.
 * Returns 'begun', 'known', or 'unplanned' when there is no such plan or it is not ready; or which quota is used up.
 */
export const BEGIN_PLANNED = new RedisScript<'begun' | 'known' | 'unplanned' | unknown[]>(`${QUOTAS}
local planFacts, facts, openOfProject, submissions, open, project, user = unpack(KEYS, 1, 7)
local given, owners = cjson.decode(ARGV[1]), {project = project, user = user}
local known = redis.call('HGET', facts, 'project')
if known then return known == given.project and 'known' or 'unplanned' end
local kind, state, projectOfPlan = unpack(redis.call('HMGET', planFacts, 'kind', 'state', 'project'))
if kind ~= 'plan' or state == 'planning' or state == 'stopped' or projectOfPlan ~= given.project then return 'unplanned' end
local bytes = 0
for i = 8, #KEYS, 2 do bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0) end
local excess = quotaExcess(owners, 'scan', bytes, cjson.decode(given.quotas))
if excess then return excess end
for i = 8, #KEYS, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1]) end
for i = 8, #KEYS, 2 do redis.call('PERSIST', KEYS[i + 1]) end
for _, field in ipairs(given.fields) do
  local value = redis.call('HGET', planFacts, field)
  if value then redis.call('HSET', facts, field, value) end
end
redis.call('HSET', facts, 'id', given.id, 'kind', 'scan', 'state', 'planning', 'user', given.user,
  'created_at', given.createdAt, 'plan', given.plan, 'expected', redis.call('HGET', planFacts, 'total') or 0)
redis.call('SADD', openOfProject, given.id)
redis.call('ZADD', submissions, given.nowMs, given.id)
redis.call('PERSIST', submissions)
redis.call('HSET', open, given.id, given.project)
countIn(owners, 'scan', bytes, given.id)
return 'begun'
`);

/**
 * Holds the accepted set for the submission, unless somebody reserved since dedup read the version.
 * KEYS facts, version, reservations, accepted, the set beside its place.
 * ARGV {id, version that was read, canonical ports, length of the set, fields of the facts}, last piece of the set.
 * Returns 'reserved', 'again' or 'stopped'.
 */
export const RESERVE = new RedisScript<'reserved' | 'again' | 'stopped'>(`${PUT_IN_PLACE}
local facts, version, reservations, accepted, beside = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local state = redis.call('HGET', facts, 'state')
if not state or state == 'stopped' then redis.call('UNLINK', beside) return 'stopped' end
if (redis.call('GET', version) or '0') ~= given.version then redis.call('UNLINK', beside) return 'again' end
putInPlace(beside, accepted, ARGV[2], given.length)
for field, value in pairs(given.fields) do redis.call('HSET', facts, field, value) end
if given.fields.total ~= '0' then
  redis.call('INCR', version)
  redis.call('EXPIRE', version, ${VERSION_LIFE_S})
  redis.call('HSET', reservations, given.id, given.ports)
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

/** KEYS facts. ARGV project, priority. */
export const SET_PRIORITY = new RedisScript<'done' | 'ended' | 'unknown'>(`
local kind, project, state = unpack(redis.call('HMGET', KEYS[1], 'kind', 'project', 'state'))
if kind ~= 'scan' or project ~= ARGV[1] then return 'unknown' end
if state ~= 'planning' and state ~= 'dispatching' then return 'ended' end
redis.call('HSET', KEYS[1], 'priority', ARGV[2])
return 'done'
`);
