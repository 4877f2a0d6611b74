/**
 * The steps of a submission that must be one step, as Lua scripts: whatever decides from what it reads.
 * Each is safe to run twice with the same arguments, since every job may run twice.
 */
import { RedisScript } from './redisScript.ts';

/**
 * Joins the submission that the same request started, if it is still planning; otherwise begins a new one.
 * KEYS in-flight, facts, entries, open, invalid, exclude, warnings, submissions.
 * ARGV id, waiting TTL (s), entries, invalid or '', kind, exclude or '', warnings or '', now (ms), then field, value, ...
 * Returns the id that counts.
 */
export const BEGIN = new RedisScript<string>(`
local id = redis.call('GET', KEYS[1])
if id then return id end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'state', 'planning', unpack(ARGV, 9))
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[2])
if ARGV[4] ~= '' then redis.call('SET', KEYS[5], ARGV[4], 'EX', ARGV[2]) end
if ARGV[6] ~= '' then redis.call('SET', KEYS[6], ARGV[6], 'EX', ARGV[2]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[7], 'intake', ARGV[7]) end
redis.call('EXPIRE', KEYS[7], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
if ARGV[5] ~= 'plan' then
  redis.call('SADD', KEYS[4], ARGV[1])
  redis.call('ZADD', KEYS[8], ARGV[8], ARGV[1])
  -- Also where nobody ever lists them, those of which nothing is kept do not pile up.
  local prefix = string.sub(KEYS[2], 1, #KEYS[2] - #ARGV[1])
  for _, old in ipairs(redis.call('ZRANGE', KEYS[8], 0, 3)) do
    if redis.call('EXISTS', prefix .. old) == 0 then redis.call('ZREM', KEYS[8], old) end
  end
end
return ARGV[1]
`);

/**
 * Begins a scan of what a plan came to. A second time it changes nothing.
 * KEYS facts of the plan, facts, open, submissions, then for each text that is taken over: that of the plan, that of
 * the scan. ARGV id, user, now (ISO 8601), plan, project, now (ms), then the fields that are taken over.
 * Returns 'begun', 'known', or 'unplanned' when there is no such plan or it is not ready.
 */
export const BEGIN_PLANNED = new RedisScript<'begun' | 'known' | 'unplanned'>(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 'known' end
local plan = redis.call('HMGET', KEYS[1], 'kind', 'state', 'project')
if plan[1] ~= 'plan' or plan[2] == 'planning' or plan[3] ~= ARGV[5] then return 'unplanned' end
for i = 5, #KEYS, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1]) end
for i = 5, #KEYS, 2 do redis.call('PERSIST', KEYS[i + 1]) end
for i = 7, #ARGV do
  local value = redis.call('HGET', KEYS[1], ARGV[i])
  if value then redis.call('HSET', KEYS[2], ARGV[i], value) end
end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'kind', 'scan', 'state', 'planning', 'user', ARGV[2],
  'created_at', ARGV[3], 'plan', ARGV[4])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
return 'begun'
`);

/**
 * Holds the accepted set for the submission, unless somebody reserved since dedup read the version.
 * KEYS facts, version, reservations, accepted. ARGV id, version read, canonical ports, set, total, field, value, ...
 * Returns 'reserved', 'again' or 'stopped'.
 */
export const RESERVE = new RedisScript<'reserved' | 'again' | 'stopped'>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 'stopped' end
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[2] then return 'again' end
redis.call('SET', KEYS[4], ARGV[4])
redis.call('HSET', KEYS[1], 'total', ARGV[5], unpack(ARGV, 6))
if ARGV[5] ~= '0' then
  redis.call('INCR', KEYS[2])
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
 * Takes the locks of one batch and writes the worker's tracking keys, before anything is published.
 * A lock that holds our own task id is a retry of the same batch; one that holds another is somebody else's task.
 * Of a batch that RabbitMQ took in part only the rest is given back, so that nothing goes out twice.
 * KEYS facts, lanes, stops, project tasks, user tasks, users, not taken.
 * ARGV lane, batch, size of the batch, lock TTL (s), project, user, how many strings of ports, these strings, then ip,
 * task id, which string, ...
 * Returns 'stopped', 'stopping', 'sent' (nothing was written), or the ids that may be published.
 */
export const TRACK = new RedisScript<string | string[]>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 'stopped' end
if redis.call('ZSCORE', KEYS[3], ARGV[5]) then return 'stopping' end
if tonumber(redis.call('HGET', KEYS[2], 's' .. ARGV[1]) or -1) >= tonumber(ARGV[2]) then return 'sent' end
local project, ours = ARGV[5], {}
for i = 8 + tonumber(ARGV[7]), #ARGV, 3 do
  local ip, task, ports = ARGV[i], ARGV[i + 1], ARGV[7 + tonumber(ARGV[i + 2])]
  local lock = 'lock:project:' .. project .. ':ip:' .. ip .. ':ports:' .. ports
  if redis.call('SET', lock, task, 'NX', 'EX', ARGV[4]) or redis.call('GET', lock) == task then
    redis.call('SADD', 'project:' .. project .. ':ip:' .. ip .. ':task_ids', task)
    redis.call('HSET', 'task:' .. task .. ':metadata:nmap', 'ip', ip, 'ports', ports)
    ours[#ours + 1] = task
  end
end
if #ours > 0 then
  redis.call('SADD', KEYS[4], unpack(ours))
  redis.call('SADD', KEYS[5], unpack(ours))
  redis.call('SADD', KEYS[6], ARGV[6])
end
local field = 't' .. ARGV[1]
if tonumber(redis.call('HGET', KEYS[2], field) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], field, ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'tracked', ARGV[3])
end
local left = redis.call('HGET', KEYS[7], ARGV[2])
if not left then return ours end
local wanted, rest = {}, {}
for _, task in ipairs(cjson.decode(left)) do wanted[task] = true end
for _, task in ipairs(ours) do
  if wanted[task] then rest[#rest + 1] = task end
end
return rest
`);

/**
 * Takes back what TRACK wrote for tasks that must not be sent after all.
 * KEYS project tasks, user tasks.
 * ARGV project, how many strings of ports, these strings, then ip, task id, which string, ...
 * Returns the ids that were tracked.
 */
export const RELEASE = new RedisScript<string[]>(`
local released = {}
for i = 3 + tonumber(ARGV[2]), #ARGV, 3 do
  local ip, task, ports = ARGV[i], ARGV[i + 1], ARGV[2 + tonumber(ARGV[i + 2])]
  local lock = 'lock:project:' .. ARGV[1] .. ':ip:' .. ip .. ':ports:' .. ports
  if redis.call('GET', lock) == task then
    redis.call('DEL', lock, 'task:' .. task .. ':metadata:nmap')
    redis.call('SREM', 'project:' .. ARGV[1] .. ':ip:' .. ip .. ':task_ids', task)
    redis.call('SREM', KEYS[1], task)
    redis.call('SREM', KEYS[2], task)
    released[#released + 1] = task
  end
end
return released
`);

/**
 * The broker confirmed every message of the batch.
 * KEYS facts, lanes, dropped, sent at. ARGV lane, batch, size of the batch, how many of it were left out, which and why or '',
 * now (ISO 8601).
 */
export const SENT = new RedisScript<null>(`
local field = 's' .. ARGV[1]
if tonumber(redis.call('HGET', KEYS[2], field) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], field, ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'sent', ARGV[3])
  redis.call('HSET', KEYS[4], ARGV[2], ARGV[6])
  redis.call('HSETNX', KEYS[1], 'first_sent_at', ARGV[6])
  if ARGV[5] ~= '' then
    redis.call('HINCRBY', KEYS[1], 'dropped', ARGV[4])
    redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
  end
end
`);

/**
 * The last batch is out: releases the reservation and lets the keys expire.
 * KEYS facts, reservations, open, every other key of the submission ... ARGV id, retention (s), now (ISO 8601).
 */
export const FINISH = new RedisScript<null>(`
if redis.call('HGET', KEYS[1], 'state') ~= 'stopped' then redis.call('HSET', KEYS[1], 'state', 'done') end
redis.call('HSETNX', KEYS[1], 'ended_at', ARGV[3])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
for i = 4, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
`);

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

/**
 * Notes which sent targets of a submission a stop took back, for as long as the submission is kept.
 * KEYS facts, taken back. ARGV set.
 */
export const TAKEN_BACK = new RedisScript<null>(`
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('SET', KEYS[2], ARGV[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl > 0 then redis.call('PEXPIRE', KEYS[2], ttl) end
`);

/**
 * Takes submissions of which nothing is kept any more out of the list.
 * KEYS submissions. ARGV prefix of the facts keys, then ids.
 */
export const FORGET_GONE = new RedisScript<null>(`
for i = 2, #ARGV do
  if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
`);

/** Forgets the failure of a job if it is still the one that was read. KEYS failures. ARGV job id, what was read. */
export const FORGET_FAILURE = new RedisScript<null>(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
`);

/** Releases a lock if it is still ours. KEYS lock. ARGV our token. */
export const UNLOCK = new RedisScript<null>(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`);
