/** The steps of a batch that must be one step, as Lua scripts; each is safe to run twice. */
import {
  LIMIT_WAITS_KEY,
  PAUSED_KEY,
  PUBLISHED_KEY,
  STOPS_KEY,
  UNKNOWN_PROJECTS_KEY,
} from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { LIMITS } from './networkLimits.ts';
import { COUNT_TASKS } from './taskCounts.ts';

/** So many tasks of a submission may wait because their networks have enough; then its lanes wait too. */
const MOST_ASIDE = 1_000;

/** Why nothing was tracked; `sent`: an earlier try got to its end; `limited`: the project or its networks have enough. */
export type Untracked =
  | 'stopped'
  | 'stopping'
  | 'unknown_project'
  | 'paused'
  | 'other_rules'
  | 'limited'
  | 'sent';

/**
 * Takes the locks of one part of a batch and writes the worker's tracking keys, before anything is published.
 * A lock that holds our own task id is a retry of the same part; one that holds another is somebody else's task.
 * Of a batch that RabbitMQ took in part, what it took is passed over: a worker may have finished it and let go of its
 * lock, and nobody would let go of it a second time.
 * What is noted to be sent again goes with the others of that kind, and with nothing else. So does what a limit of its
 * networks keeps from being sent now: the others of the part pass it.
 * Under rules that somebody has changed since the caller looked at them nothing is tracked: once an exclusion is written,
 * nothing that it is about gets out.
 * KEYS facts, lanes, taken, project tasks, user tasks, users, settings of the project, again, out, version of the
 * exclusions, hash of the installation's rules.
 * ARGV {submission, isAgain, lane, batch, from, to: places in the lane, lockTtlS, project, user, rules, later, installation:
 * their versions, absent for any, limits of installation and request, strings of ports, parts: the number of each in the request, tasks {ip, hex of
 * IPv6, id, ports: which string}}.
 * Returns a word (nothing was written), or the ids that may be published and those that wait because of a limit.
 */
export const TRACK = new RedisScript<Untracked | [publishable: string[], aside: string[]]>(`${LIMITS}
local facts, lanes, takenKey, projectTasks, userTasks, users, settings, again, out, version = unpack(KEYS)
local installation = redis.call('GET', KEYS[11])
local given = cjson.decode(ARGV[1])
local project, batch, ours, taken = given.project, given.batch, {}, {}
local state = redis.call('HGET', facts, 'state')
if not state or state == 'stopped' then return 'stopped' end
if redis.call('ZSCORE', '${STOPS_KEY}', project) then return 'stopping' end
if redis.call('HEXISTS', '${UNKNOWN_PROJECTS_KEY}', project) == 1 then return 'unknown_project' end
if redis.call('HEXISTS', facts, 'paused') + redis.call('HEXISTS', settings, 'paused')
  + redis.call('EXISTS', '${PAUSED_KEY}') > 0 then return 'paused' end
if given.rules and (redis.call('GET', version) or '0') ~= given.rules then return 'other_rules' end
if given.installation and installation and installation ~= given.installation then return 'other_rules' end
if given.later and (redis.call('HGET', facts, 'later') or '0') ~= given.later then return 'other_rules' end
if not given.isAgain and tonumber(redis.call('HGET', lanes, 's' .. given.lane) or 0) > tonumber(given.from) then
  return 'sent'
end
local limits = limitsOf(given, settings, given.lockTtlS)
local most, ids = redis.call('HGET', settings, 'max_running'), {}
for index, task in ipairs(given.tasks) do ids[index] = task.id end
if most and #ids > 0 then
  local more = redis.call('SCARD', projectTasks) + #ids
  for _, out in ipairs(redis.call('SMISMEMBER', projectTasks, unpack(ids))) do more = more - out end
  if more > tonumber(most) then
    redis.call('SADD', '${LIMIT_WAITS_KEY}', given.submission)
    return 'limited'
  end
end
if limits.any and not given.isAgain and redis.call('HLEN', again) >= ${MOST_ASIDE} then
  redis.call('SADD', '${LIMIT_WAITS_KEY}', given.submission)
  return 'limited'
end
local aside, more = {}, 0
local anyAgain = redis.call('EXISTS', again) == 1
for id in string.gmatch(redis.call('HGET', takenKey, batch) or '', '%S+') do taken[id] = true end
for _, task in ipairs(given.tasks) do
  local ip, id, ports = task.ip, task.id, given.ports[tonumber(task.ports)]
  local lock = 'lock:project:' .. project .. ':ip:' .. ip .. ':ports:' .. ports
  local here = not anyAgain or (redis.call('HEXISTS', again, id) == 1) == (given.isAgain == true)
  local free = not taken[id] and here
  if free and limits.any and redis.call('EXISTS', lock) == 0 and limits.over(task) then
    free = false
    aside[#aside + 1] = id
    more = more + redis.call('HSETNX', again, id, cjson.encode({ ip, tonumber(given.parts[tonumber(task.ports)]) }))
  end
  local mine = free
    and (redis.call('SET', lock, id, 'NX', 'EX', given.lockTtlS) or redis.call('GET', lock) == id)
  if mine then
    limits.note(task)
    redis.call('SADD', 'project:' .. project .. ':ip:' .. ip .. ':task_ids', id)
    redis.call('HSET', 'task:' .. id .. ':metadata:nmap', 'ip', ip, 'ports', ports, 'submission', given.submission)
    ours[#ours + 1] = id
  end
end
if #ours > 0 then
  redis.call('SADD', projectTasks, unpack(ours))
  redis.call('SADD', userTasks, unpack(ours))
  redis.call('SADD', out, unpack(ours))
  redis.call('SADD', users, given.user)
  -- Longer than any lock of theirs.
  redis.call('EXPIRE', users, 2 * given.lockTtlS)
end
if #aside > 0 then redis.call('SADD', '${LIMIT_WAITS_KEY}', given.submission) end
if more > 0 then redis.call('HINCRBY', facts, 'again', more) end
if given.isAgain then return { ours, aside } end
local field = 't' .. given.lane
local further = tonumber(given.to) - tonumber(redis.call('HGET', lanes, field) or 0)
if further > 0 then
  redis.call('HINCRBY', lanes, field, further)
  redis.call('HINCRBY', facts, 'tracked', further)
end
return { ours, aside }
`);

/**
 * Takes back what TRACK wrote for tasks that must not be sent after all.
 * KEYS project tasks, user tasks.
 * ARGV {project, strings of ports, tasks {ip, id, ports: which string}}.
 * Returns the ids that were tracked.
 */
export const RELEASE = new RedisScript<string[]>(`
local given, released = cjson.decode(ARGV[1]), {}
for _, task in ipairs(given.tasks) do
  local ip, id, ports = task.ip, task.id, given.ports[tonumber(task.ports)]
  local lock = 'lock:project:' .. given.project .. ':ip:' .. ip .. ':ports:' .. ports
  if redis.call('GET', lock) == id then
    redis.call('DEL', lock, 'task:' .. id .. ':metadata:nmap')
    redis.call('SREM', 'project:' .. given.project .. ':ip:' .. ip .. ':task_ids', id)
    redis.call('SREM', KEYS[1], id)
    redis.call('SREM', KEYS[2], id)
    released[#released + 1] = id
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

/** In Lua: of a batch that goes out in parts, what was left out of each. Two JSON lists become one. */
const NOTE_DROPPED = `
local function noteDropped(facts, key, given)
  if not given.dropped then return end
  redis.call('HINCRBY', facts, 'dropped', given.refused)
  local before = redis.call('HGET', key, given.batch)
  local all = before and before:sub(1, -2) .. ',' .. given.dropped:sub(2) or given.dropped
  redis.call('HSET', key, given.batch, all)
end
`;

/**
 * The broker confirmed every message of the part.
 * KEYS facts, lanes, dropped, sent at, taken. ARGV {lane, batch, to: place in the lane, last: whether the batch ends there,
 * published: its messages, at (ISO 8601), refused: how many of it were left out, dropped: which and why, absent for none}.
 */
export const SENT = new RedisScript<null>(`${NOTE_DROPPED}${COUNT_TASKS}
local facts, lanes, dropped, sentAt, taken = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local field, batch = 's' .. given.lane, given.batch
local more = tonumber(given.to) - tonumber(redis.call('HGET', lanes, field) or 0)
if more <= 0 then return end
redis.call('HINCRBY', lanes, field, more)
redis.call('HINCRBY', facts, 'sent', more)
redis.call('HSETNX', sentAt, batch, given.at)
redis.call('HSETNX', facts, 'first_sent_at', given.at)
redis.call('INCRBY', '${PUBLISHED_KEY}', given.published)
redis.call('HINCRBY', facts, 'published', given.published)
countTasks('sent', facts, tonumber(given.published))
-- What it says of later parts of the batch counts until these are sent.
if given.last then redis.call('HDEL', taken, batch) end
noteDropped(facts, dropped, given)
`);

/**
 * The broker confirmed every message of what was to be sent again.
 * KEYS facts, again, dropped, taken. ARGV {batch, ids: all of the part, published, refused, dropped: as above}.
 */
export const SENT_AGAIN = new RedisScript<null>(`${NOTE_DROPPED}${COUNT_TASKS}
local facts, again, dropped, taken = unpack(KEYS)
local given, gone = cjson.decode(ARGV[1]), 0
for _, id in ipairs(given.ids) do gone = gone + redis.call('HDEL', again, id) end
if redis.call('EXISTS', again) == 0 then redis.call('HDEL', taken, given.batch) end
if gone == 0 then return end
redis.call('HINCRBY', facts, 'again', -gone)
redis.call('INCRBY', '${PUBLISHED_KEY}', given.published)
redis.call('HINCRBY', facts, 'published', given.published)
countTasks('resent', facts, tonumber(given.published))
noteDropped(facts, dropped, given)
`);

/**
 * Writes notes of moves if all of them are still what was read: two batches never take the same address.
 * KEYS facts, moved. ARGV address, what was read or '', the new note, ...
 * Returns 1, or 0 when somebody else was faster. Of a stopped submission nothing is written: nothing of it is sent.
 */
export const CHANGE_MOVES = new RedisScript<number>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 1 end
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[2], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 1, #ARGV, 3 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2]) end
return 1
`);
