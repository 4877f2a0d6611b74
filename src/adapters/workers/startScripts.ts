/**
 * How starts are noted: words with blanks between them. `+host@seconds` is a start; `-host@seconds` one that does not count
 * any more; a host has no blanks. Marks stand before them: `!@seconds` of a dead letter, since when it is one; `?@0` of a
 * task that was lost.
 */
import { STARTS_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** Of one task that count and are noted; beyond them it is a dead letter long since. */
const MOST_STARTS = 10;
/** Of one task that do not count any more and are noted, the newest: an older entry is not there any more. */
const MOST_FORGIVEN = 40;

/** Notes starts of tasks that are out, each once. KEYS starts. ARGV task, start without its sign, ... */
export const NOTE = new RedisScript<null>(
  `
for i = 1, #ARGV, 2 do
  local task, start = ARGV[i], ARGV[i + 1]
  local noted = redis.call('HGET', KEYS[1], task)
  local counted, isKnown = 0, false
  for word in string.gmatch(noted or '', '%S+') do
    if string.sub(word, 1, 1) == '+' then counted = counted + 1 end
    if string.sub(word, 2) == start then isKnown = true end
  end
  if not isKnown and counted < ${MOST_STARTS} and redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1 then
    redis.call('HSET', KEYS[1], task, noted and noted .. ' +' .. start or '+' .. start)
  end
end
`,
  'also when Redis is full',
);

/** In Lua, for a task that comes back to Tasker: what was started before counts no more. */
export const FORGIVE_STARTS = `
local function forgiveStarts(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task)
  if not noted then return end
  local words = {}
  for word in string.gmatch(noted, '%S+') do
    if string.find(word, '^[+-]') then words[#words + 1] = '-' .. string.sub(word, 2) end
  end
  while #words > ${MOST_FORGIVEN} do table.remove(words, 1) end
  redis.call('HSET', '${STARTS_KEY}', task, table.concat(words, ' '))
end
`;

/** In Lua, for a dead letter. */
export const MARK_DEAD = `
local function markDead(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task) or ''
  redis.call('HSET', '${STARTS_KEY}', task, '!@' .. redis.call('TIME')[1] .. ' ' .. noted)
end
`;

/** In Lua, for a task that was lost: what was started before counts when it is sent again. */
export const KEEP_STARTS = `
local function keepStarts(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task)
  if noted and string.sub(noted, 1, 1) ~= '?' then redis.call('HSET', '${STARTS_KEY}', task, '?@0 ' .. noted) end
end
`;

/**
 * Forgets a task that is out no more. One that may be sent again keeps its starts while a worker has a running entry of it:
 * that would be noted as a new one then.
 * KEYS starts, hash of the task, running entries ... ARGV task.
 */
export const FORGET = new RedisScript<0 | 1>(
  `
for i = 2, #KEYS do if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end end
return redis.call('HDEL', KEYS[1], ARGV[1])
`,
  'also when Redis is full',
);

/**
 * Forgets a dead letter with all that workers say of it: who came back under its name says that for ever.
 * KEYS starts, hash of the task, running entries ..., lists of workers ... ARGV task, how many running entries.
 */
export const CLEAR = new RedisScript<0 | 1>(
  `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
for i = 3, #KEYS do
  if i <= 2 + tonumber(ARGV[2]) then redis.call('DEL', KEYS[i]) else redis.pcall('HDEL', KEYS[i], ARGV[1]) end
end
return redis.call('HDEL', KEYS[1], ARGV[1])
`,
  'also when Redis is full',
);
