import { WEBHOOKS_DUE_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** Behind the id of a webhook and before that of an event that is tried again: one field of the states for each. */
export const RETRIED = ':retried:';

/**
 * Puts a list in the place of another. One that was there goes on where it is; one that is new, or was disabled, begins
 * with what happens from now on. KEYS webhooks, states, events. ARGV list of {id, text}. Returns how many there were.
 */
export const REPLACE = new RedisScript<number>(`
local webhooks, states, events = unpack(KEYS)
local newest = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)[1]
local before = redis.call('HLEN', webhooks)
local fields = redis.call('HGETALL', states)
local known = {}
for i = 1, #fields, 2 do known[fields[i]] = fields[i + 1] end
redis.call('DEL', webhooks, states)
for _, given in ipairs(cjson.decode(ARGV[1]).list) do
  local id = given.id
  redis.call('HSET', webhooks, id, given.text)
  for _, name in ipairs({'success', 'failure', 'dropped'}) do
    if known[id .. ':' .. name] then redis.call('HSET', states, id .. ':' .. name, known[id .. ':' .. name]) end
  end
  local cursor = not known[id .. ':disabled'] and known[id .. ':cursor']
  redis.call('HSET', states, id .. ':cursor', cursor or (newest and newest[1]) or '0-0')
  local prefix = id .. '${RETRIED}'
  for field in pairs(known) do
    if cursor and string.sub(field, 1, #prefix) == prefix then redis.call('HSET', states, field, '') end
  end
end
return before
`);

/**
 * Notes how a call ended, if the webhook is still there: the event is behind its cursor now.
 * KEYS webhooks, states. ARGV id, event, 'through', 'retried' or 'dropped', then fields and values of the state ...
 * Returns whether that is new: it was not behind the cursor, or it ends now what was tried again.
 */
export const NOTE = new RedisScript<0 | 1>(`
local id, event, ended = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HEXISTS', KEYS[1], id) == 0 then return 0 end
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[2], id .. ':' .. ARGV[i], ARGV[i + 1]) end
local function partsOf(text)
  local ms, number = string.match(text, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local ms, number = partsOf(event)
local beforeMs, beforeNumber = partsOf(redis.call('HGET', KEYS[2], id .. ':cursor') or '0-0')
local isNew = ms > beforeMs or (ms == beforeMs and number > beforeNumber)
if isNew then redis.call('HSET', KEYS[2], id .. ':cursor', event) end
local field = id .. '${RETRIED}' .. event
if ended == 'retried' then
  if isNew then redis.call('HSET', KEYS[2], field, '') end
elseif redis.call('HDEL', KEYS[2], field) == 1 then
  isNew = true
end
if not isNew then return 0 end
if ended == 'dropped' then redis.call('HINCRBY', KEYS[2], id .. ':dropped', 1) end
return 1
`);

/** It is not called any more, until somebody puts it once more. KEYS webhooks, states. ARGV id, why. */
export const DISABLE = new RedisScript<null>(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[2], ARGV[1] .. ':disabled', ARGV[2])
end
`);

/** Nothing has happened since. ARGV project, counter that was read. */
export const SETTLED = new RedisScript<null>(`
if redis.call('HGET', '${WEBHOOKS_DUE_KEY}', ARGV[1]) == ARGV[2] then
  redis.call('HDEL', '${WEBHOOKS_DUE_KEY}', ARGV[1])
end
`);
