/** How submissions begin, as Lua scripts. Each is safe to run twice with the same arguments. */
import type { Excess } from '../quota/quota.ts';
import { QUOTAS } from '../quota/scripts.ts';
import { PUT_IN_PLACE } from '../redis/chunkedValue.ts';
import { FACTS_PREFIX, OPEN_KEY, PROJECT_PREFIX, PROJECTS_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** Of some projects it is looked whether scans are still kept: those that nobody lists do not pile up. In Lua. */
const NOTE_PROJECT = `
local function noteProject(project, nowMs)
  redis.call('ZADD', '${PROJECTS_KEY}', nowMs, project)
  for _, old in ipairs(redis.call('ZRANGE', '${PROJECTS_KEY}', 0, 3)) do
    local list = '${PROJECT_PREFIX}' .. old .. ':submissions'
    if redis.call('EXISTS', list) == 0 then redis.call('ZREM', '${PROJECTS_KEY}', old) end
  end
end
`;

/**
 * Joins the submission that the same request started, if it is still planning; otherwise begins a new one.
 * KEYS in-flight, facts, entries, invalid, exclude, warnings, those of the kind that are open in the project, the list
 * of the kind, the entries beside their place. ARGV {id, fields of the facts, ttlS, nowMs, length of the entries, quotas,
 * bytes that it will take, and where there are any: invalid, exclude, warnings}, last chunk of the entries.
 * Returns the id that counts, or which quota is used up.
 */
export const BEGIN = new RedisScript<string | Excess>(`${PUT_IN_PLACE}${QUOTAS}${NOTE_PROJECT}
local inFlight, facts, entries, invalid, exclude, warnings, openOfKind, list, beside = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local kind, bytes = given.fields.kind, tonumber(given.bytes)
local known = redis.call('GET', inFlight)
if known then
  redis.call('UNLINK', beside)
  return known
end
local excess = quotaExcess(given.quotas, kind, bytes)
if excess then
  redis.call('UNLINK', beside)
  return excess
end
putInPlace(beside, entries, ARGV[2], given.length)
redis.call('EXPIRE', entries, given.ttlS)
redis.call('SET', inFlight, given.id, 'EX', given.ttlS)
redis.call('HSET', facts, 'id', given.id, 'state', 'planning')
for field, value in pairs(given.fields) do redis.call('HSET', facts, field, value) end
redis.call('HSET', '${OPEN_KEY}', given.id, given.fields.project)
countIn(given.quotas, kind, bytes, given.id)
if given.invalid then redis.call('SET', invalid, given.invalid, 'EX', given.ttlS) end
if given.exclude then redis.call('SET', exclude, given.exclude, 'EX', given.ttlS) end
if given.warnings then redis.call('HSET', warnings, 'intake', given.warnings) end
redis.call('EXPIRE', warnings, given.ttlS)
redis.call('EXPIRE', facts, given.ttlS)
redis.call('SADD', openOfKind, given.id)
redis.call('ZADD', list, given.nowMs, given.id)
redis.call('PERSIST', list)
if kind == 'scan' then noteProject(given.fields.project, given.nowMs) end
-- Also where nobody ever lists them, those of which nothing is kept do not pile up.
for _, old in ipairs(redis.call('ZRANGE', list, 0, 3)) do
  if redis.call('EXISTS', '${FACTS_PREFIX}' .. old) == 0 then redis.call('ZREM', list, old) end
end
return given.id
`);

/**
 * Begins a scan of what a plan came to. A second time it changes nothing. Another project has no such plan, whatever
 * has become of it: an id must not open what is not the caller's.
 * KEYS facts of the plan, facts, open of the project, submissions, then for each text that is taken over: that of the
 * plan, that of the scan. ARGV {id, plan, project, user, createdAt (ISO 8601), nowMs, quotas, names of the fields that are
 * taken over}.
 * Returns 'begun', 'known', or 'unplanned' when there is no such plan or it is not ready; or which quota is used up.
 */
export const BEGIN_PLANNED = new RedisScript<
  'begun' | 'known' | 'unplanned' | Excess
>(`${QUOTAS}${NOTE_PROJECT}
local planFacts, facts, openOfProject, submissions = unpack(KEYS, 1, 4)
local given = cjson.decode(ARGV[1])
local known = redis.call('HGET', facts, 'project')
if known then return known == given.project and 'known' or 'unplanned' end
local kind, state, projectOfPlan = unpack(redis.call('HMGET', planFacts, 'kind', 'state', 'project'))
if kind ~= 'plan' or state == 'planning' or state == 'stopped' or projectOfPlan ~= given.project then return 'unplanned' end
local bytes = 0
for i = 5, #KEYS, 2 do bytes = bytes + (redis.call('MEMORY', 'USAGE', KEYS[i]) or 0) end
local excess = quotaExcess(given.quotas, 'scan', bytes)
if excess then return excess end
for i = 5, #KEYS, 2 do
  redis.call('COPY', KEYS[i], KEYS[i + 1])
  redis.call('PERSIST', KEYS[i + 1])
end
for _, field in ipairs(given.fields) do
  local value = redis.call('HGET', planFacts, field)
  if value then redis.call('HSET', facts, field, value) end
end
redis.call('HSET', facts, 'id', given.id, 'kind', 'scan', 'state', 'planning', 'user', given.user,
  'created_at', given.createdAt, 'plan', given.plan, 'expected', redis.call('HGET', planFacts, 'total') or 0)
redis.call('SADD', openOfProject, given.id)
redis.call('ZADD', submissions, given.nowMs, given.id)
redis.call('PERSIST', submissions)
noteProject(given.project, given.nowMs)
redis.call('HSET', '${OPEN_KEY}', given.id, given.project)
countIn(given.quotas, 'scan', bytes, given.id)
return 'begun'
`);
