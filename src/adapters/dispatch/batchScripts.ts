/** The steps of a batch that must be one step, as Lua scripts; each is safe to run twice. */
import { RedisScript } from '../redis/script.ts';

/**
 * Takes the locks of one batch and writes the worker's tracking keys, before anything is published.
 * A lock that holds our own task id is a retry of the same batch; one that holds another is somebody else's task.
 * Of a batch that RabbitMQ took in part, what it took is passed over: a worker may have finished it and let go of its
 * lock, and nobody would let go of it a second time.
 * KEYS facts, lanes, stops, project tasks, user tasks, users, taken, unknown projects.
 * ARGV lane, batch, size of the batch, lock TTL (s), project, user, how many strings of ports, these strings, then ip,
 * task id, which string, ...
 * Returns 'stopped', 'stopping', 'unknown_project', 'sent' (nothing was written), or the ids that may be published.
 */
export const TRACK = new RedisScript<'stopped' | 'stopping' | 'unknown_project' | 'sent' | string[]>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 'stopped' end
if redis.call('ZSCORE', KEYS[3], ARGV[5]) then return 'stopping' end
if redis.call('HEXISTS', KEYS[8], ARGV[5]) == 1 then return 'unknown_project' end
if tonumber(redis.call('HGET', KEYS[2], 's' .. ARGV[1]) or -1) >= tonumber(ARGV[2]) then return 'sent' end
local project, ours, taken = ARGV[5], {}, {}
for task in string.gmatch(redis.call('HGET', KEYS[7], ARGV[2]) or '', '%S+') do taken[task] = true end
for i = 8 + tonumber(ARGV[7]), #ARGV, 3 do
  local ip, task, ports = ARGV[i], ARGV[i + 1], ARGV[7 + tonumber(ARGV[i + 2])]
  local lock = 'lock:project:' .. project .. ':ip:' .. ip .. ':ports:' .. ports
  local mine = not taken[task]
    and (redis.call('SET', lock, task, 'NX', 'EX', ARGV[4]) or redis.call('GET', lock) == task)
  if mine then
    redis.call('SADD', 'project:' .. project .. ':ip:' .. ip .. ':task_ids', task)
    redis.call('HSET', 'task:' .. task .. ':metadata:nmap', 'ip', ip, 'ports', ports)
    ours[#ours + 1] = task
  end
end
if #ours > 0 then
  redis.call('SADD', KEYS[4], unpack(ours))
  redis.call('SADD', KEYS[5], unpack(ours))
  redis.call('SADD', KEYS[6], ARGV[6])
  -- Longer than any lock of theirs.
  redis.call('EXPIRE', KEYS[6], 2 * ARGV[4])
end
local field = 't' .. ARGV[1]
if tonumber(redis.call('HGET', KEYS[2], field) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], field, ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'tracked', ARGV[3])
end
return ours
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
 * RabbitMQ took these tasks of a batch; the others are under way, or it refused them.
 * KEYS taken. ARGV batch, task ids with blanks between them.
 */
export const TAKEN = new RedisScript<null>(`
local before = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], before and before .. ' ' .. ARGV[2] or ARGV[2])
`);

/**
 * The broker confirmed every message of the batch.
 * KEYS facts, lanes, dropped, sent at, taken. ARGV lane, batch, size of the batch, how many of it were left out, which and why or '',
 * now (ISO 8601).
 */
export const SENT = new RedisScript<null>(`
local field = 's' .. ARGV[1]
if tonumber(redis.call('HGET', KEYS[2], field) or -1) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[2], field, ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'sent', ARGV[3])
  redis.call('HSET', KEYS[4], ARGV[2], ARGV[6])
  redis.call('HSETNX', KEYS[1], 'first_sent_at', ARGV[6])
  redis.call('HDEL', KEYS[5], ARGV[2])
  if ARGV[5] ~= '' then
    redis.call('HINCRBY', KEYS[1], 'dropped', ARGV[4])
    redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
  end
end
`);
