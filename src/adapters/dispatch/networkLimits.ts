/**
 * Lua that counts tasks by network. A task that is out stands in a sorted set as `4:<address in hex>:<id>`, in the order
 * of the text: so one look counts those of a network, of any prefix length. Those that began within the last minute stand
 * in a second one. Nothing is noted as long as nobody limits anything.
 */
import { LIMITED_KEY, NETWORK_STARTS_AT_KEY, NETWORK_STARTS_KEY, NETWORK_TASKS_KEY } from '../redis/keys.ts';

/** For so long all tasks are noted after a limit was looked at for the last time. */
const NOTED_S = 3600;
const MINUTE_MS = 60_000;
/** Nobody asks for older ones. */
const STARTS_S = 120;
/** Old starts that are forgotten at once: a long script holds Redis up. */
const FORGOTTEN = 1_000;

/**
 * `limitsOf(given, settings, tasksLifeS)`: what holds for the tasks of a part. It has `over(task)`, whether one more is too
 * many for a network of its address, and `note(task)`. `given.limits`: those of the installation and of the request.
 */
export const LIMITS = `
local function hexOf(task)
  if task.hex then return '6:' .. task.hex end
  local a, b, c, d = string.match(task.ip, '(%d+)%.(%d+)%.(%d+)%.(%d+)')
  return string.format('4:%02x%02x%02x%02x', a, b, c, d)
end

-- First and last text of those members that lie in the network of an address.
local function boundsOf(hex, prefix)
  prefix = tonumber(prefix)
  local whole, rest = 2 + math.floor(prefix / 4), prefix % 4
  local head = string.sub(hex, 1, whole)
  if rest == 0 then return '[' .. head, '(' .. head .. 'z' end
  local digit, size = tonumber(string.sub(hex, whole + 1, whole + 1), 16), 2 ^ (4 - rest)
  local first = digit - digit % size
  return '[' .. head .. string.format('%x', first), '(' .. head .. string.format('%x', first + size - 1) .. 'z'
end

local function limitsOf(given, settings, tasksLifeS)
  local limits, ofProject = given.limits or {}, redis.call('HGET', settings, 'per_network')
  if ofProject then limits[#limits + 1] = cjson.decode(ofProject) end
  if #limits > 0 then redis.call('SET', '${LIMITED_KEY}', 1, 'EX', ${NOTED_S}) end
  local noted = #limits > 0 or redis.call('EXISTS', '${LIMITED_KEY}') == 1
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if noted then
    local startsAt, begin = '${NETWORK_STARTS_AT_KEY}', now - ${MINUTE_MS}
    local old = redis.call('ZRANGE', startsAt, '-inf', begin, 'BYSCORE', 'LIMIT', 0, ${FORGOTTEN})
    if #old > 0 then
      redis.call('ZREM', startsAt, unpack(old))
      redis.call('ZREM', '${NETWORK_STARTS_KEY}', unpack(old))
    end
  end
  local function full(key, most, hex, prefix)
    return most and redis.call('ZLEXCOUNT', key, boundsOf(hex, prefix)) >= tonumber(most)
  end
  return {
    any = #limits > 0,
    over = function(task)
      local hex = hexOf(task)
      for _, limit in ipairs(limits) do
        local prefix = string.sub(hex, 1, 1) == '4' and limit.v4 or limit.v6
        if full('${NETWORK_TASKS_KEY}', limit.tasks, hex, prefix)
          or full('${NETWORK_STARTS_KEY}', limit.per_minute, hex, prefix) then return true end
      end
      return false
    end,
    note = function(task)
      if not noted then return end
      local member = hexOf(task) .. ':' .. task.id
      redis.call('ZADD', '${NETWORK_TASKS_KEY}', 0, member)
      redis.call('ZADD', '${NETWORK_STARTS_KEY}', 0, member)
      redis.call('ZADD', '${NETWORK_STARTS_AT_KEY}', now, member)
      redis.call('EXPIRE', '${NETWORK_TASKS_KEY}', tasksLifeS)
      redis.call('EXPIRE', '${NETWORK_STARTS_KEY}', ${STARTS_S})
      redis.call('EXPIRE', '${NETWORK_STARTS_AT_KEY}', ${STARTS_S})
    end,
  }
end
`;
