/** How a change of state and the event that tells of it become one step. */
import { OPEN_KEY, PROJECT_PREFIX, WEBHOOKS_DUE_KEY } from '../redis/keys.ts';

/** As an id: before all events. */
export const BEFORE_ALL = '0-0';

/** Beyond them the oldest go. */
const MOST_KEPT = 5_000;
/** Of a project in which nothing happens any more. */
const LIFE_S = 30 * 24 * 3600;
/** Things that an event names one by one. */
export const EVENT_NAMES = 20;

/**
 * In Lua. `emit` writes an event of a project, with the id of the one before it, so that a reader learns when that is no
 * longer kept; and it notes that webhooks are to be called, where there are any. What cannot be written keeps nothing from
 * happening. `scanOf` is what an event says of a scan. `tell` writes an event of one project, or of all that have an open
 * scan or plan.
 */
export const EMIT = `
local function emit(project, kind, data)
  local base = '${PROJECT_PREFIX}' .. project
  local last = redis.pcall('XREVRANGE', base .. ':events', '+', '-', 'COUNT', 1)[1]
  redis.pcall('XADD', base .. ':events', 'MAXLEN', '~', ${MOST_KEPT}, '*', 'type', kind, 'data', cjson.encode(data),
    'behind', last and last[1] or '${BEFORE_ALL}')
  redis.pcall('EXPIRE', base .. ':events', ${LIFE_S})
  if redis.call('EXISTS', base .. ':webhooks') == 1 then
    redis.pcall('HINCRBY', '${WEBHOOKS_DUE_KEY}', project, 1)
  end
end
local function scanOf(id, facts)
  local user = redis.call('HGET', facts, 'user')
  return {id = id, user = user and cjson.decode(user).username or ''}
end
local function tell(project, kind, data)
  if project then return emit(project, kind, data) end
  local told = {}
  for _, each in ipairs(redis.call('HVALS', '${OPEN_KEY}')) do
    if not told[each] then emit(each, kind, data) end
    told[each] = true
  end
end
`;
