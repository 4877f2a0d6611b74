import type { AuditNote } from '../audit/entry.ts';
import { EMIT, EVENT_NAMES } from '../events/script.ts';
import { DEAD_TO_TELL_KEY, FACTS_PREFIX, listKeys, OPEN_KEY, submissionKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { pairsOf } from '../redis/readAtOnce.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import type { SubmissionFacts } from '../submissions/facts.ts';
import { workerKeys } from '../workers/keys.ts';
import { FORGIVE_STARTS, KEEP_STARTS, MARK_DEAD } from '../workers/startScripts.ts';
import type { Start } from '../workers/startStore.ts';
import { COUNT_TASKS } from './taskCounts.ts';

/** A task that was sent, and is to be sent again. */
export interface AgainTask {
  id: string;
  ip: string;
  /** Which part of the ports, and those as they were sent. */
  part: number;
  ports: string;
}

/** Lua passes on some 8,000 arguments at most, and a long script holds Redis up. */
const PAGE = 500;

/** In Lua, with all keys of PUT_BACK: a scan that was done has something to send. */
const REOPEN = `
local function reopen(facts, again, open, given)
  if redis.call('HGET', facts, 'state') ~= 'done' then return end
  redis.call('HSET', facts, 'state', 'dispatching', 'reopened', 1)
  redis.call('HDEL', facts, 'ended_at', 'finished_at')
  redis.call('SADD', open, given.id)
  redis.call('HSET', '${OPEN_KEY}', given.id, given.project)
  for i = 5, #KEYS do redis.call('PERSIST', KEYS[i]) end
  redis.call('PERSIST', facts)
  redis.call('PERSIST', again)
end
`;

/** Notes of a dead letter that an event is to tell of it: many that die together are one event. In Lua. */
const NOTE_DEAD = `
local function noteDead(scan, ip)
  local text = redis.call('HGET', '${DEAD_TO_TELL_KEY}', scan.id)
  local dead = text and cjson.decode(text) or {project = scan.project, total = 0, listed = {}}
  dead.total = dead.total + 1
  if #dead.listed < ${EVENT_NAMES} then dead.listed[#dead.listed + 1] = ip end
  redis.call('HSET', '${DEAD_TO_TELL_KEY}', scan.id, cjson.encode(dead))
end
`;

/** Tells of all that was noted. */
const TELL_DEAD = new RedisScript<null>(
  `${EMIT}
local noted = redis.call('HGETALL', '${DEAD_TO_TELL_KEY}')
for i = 1, #noted, 2 do
  local dead = cjson.decode(noted[i + 1])
  emit(dead.project, 'target.dead', {scan = scanOf(noted[i], '${FACTS_PREFIX}' .. noted[i]),
    targets = {total = dead.total, listed = dead.listed}})
end
redis.call('DEL', '${DEAD_TO_TELL_KEY}')
`,
  'also when Redis is full',
);

/**
 * Lets go of tasks, and notes that they are to be sent again: from here on they wait here, and nowhere else. One of a
 * submission that was done opens it again. Of a stopped one nothing is sent again. Those that are lost or have failed are
 * left alone when they have ended meanwhile, or their scan is stopped: then they are not ours any more. Those that have
 * failed wait until somebody wants them sent again.
 * KEYS facts, again, project tasks, user tasks, open submissions of the project, failed, all other keys of the
 * submission ...
 * ARGV {id, project, how: 'lost', 'failed' or '', tasks {id, ip, ports, note}}.
 * Returns how many are noted, or -1 when nothing is kept of the submission: then nothing was done.
 */
const PUT_BACK = new RedisScript<number>(
  `${REOPEN}${FORGIVE_STARTS}${KEEP_STARTS}${MARK_DEAD}${NOTE_DEAD}${COUNT_TASKS}
local facts, again, projectTasks, userTasks, open, failed = unpack(KEYS, 1, 6)
local given, count = cjson.decode(ARGV[1]), 0
local state = redis.call('HGET', facts, 'state')
if not state then return -1 end
for _, task in ipairs(given.tasks) do
  local id, ip = task.id, task.ip
  local isOurs = state ~= 'stopped' and redis.call('SISMEMBER', projectTasks, id) == 1
  if isOurs or given.how == '' then
    local lock = 'lock:project:' .. given.project .. ':ip:' .. ip .. ':ports:' .. task.ports
    if redis.call('GET', lock) == id then redis.call('DEL', lock) end
    redis.call('DEL', 'task:' .. id .. ':metadata:nmap')
    redis.call('SREM', 'project:' .. given.project .. ':ip:' .. ip .. ':task_ids', id)
    redis.call('SREM', projectTasks, id)
    redis.call('SREM', userTasks, id)
    if given.how == '' then forgiveStarts(id) end
    if given.how == 'lost' then keepStarts(id) end
    if given.how == 'failed' then markDead(id) end
    local noted = given.how == 'failed' and failed or again
    if state ~= 'stopped' and redis.call('HSETNX', noted, id, task.note) == 1 then
      count = count + 1
      if given.how == 'failed' then noteDead(given, ip) end
    end
  end
end
if count == 0 then return 0 end
if given.how == 'failed' then
  redis.call('HINCRBY', facts, 'failed', count)
  countTasks('dead', facts, count)
  local ttl = redis.call('PTTL', facts)
  if ttl > 0 then redis.call('PEXPIRE', failed, ttl) end
  return count
end
if given.how == 'lost' then redis.call('HINCRBY', facts, 'resent', count) end
redis.call('HINCRBY', facts, 'again', count)
redis.call('HINCRBY', facts, 'published', -count)
reopen(facts, again, open, given)
return count
`,
  'also when Redis is full',
);

/**
 * Has tasks sent again that have failed. KEYS as of PUT_BACK. ARGV {id, project, tasks {id, note}}.
 * Returns how many, or why none is.
 */
const RETRY = new RedisScript<number | 'unknown' | 'ended'>(
  `${REOPEN}${FORGIVE_STARTS}
local facts, again, open, failed = KEYS[1], KEYS[2], KEYS[5], KEYS[6]
local given, count = cjson.decode(ARGV[1]), 0
local kind, of, state = unpack(redis.call('HMGET', facts, 'kind', 'project', 'state'))
if kind ~= 'scan' or of ~= given.project then return 'unknown' end
if state == 'stopped' then return 'ended' end
for _, task in ipairs(given.tasks) do
  if redis.call('HDEL', failed, task.id) == 1 then
    forgiveStarts(task.id)
    count = count + redis.call('HSETNX', again, task.id, task.note)
  end
end
if count == 0 then return 0 end
redis.call('HINCRBY', facts, 'failed', -count)
redis.call('HINCRBY', facts, 'again', count)
redis.call('HINCRBY', facts, 'published', -count)
reopen(facts, again, open, given)
return count
`,
);

/** Tasks that were sent and have come back: they wait until they are sent again. */
export class AgainStore extends Store {
  /**
   * Gives how many are to be sent again, or have failed; undefined: nothing is kept of the submission, and nothing was
   * done.
   */
  async putBack(
    scan: Scan,
    tasks: readonly (AgainTask & { starts?: readonly Start[] })[],
    how?: 'lost' | 'failed',
  ) {
    let count = 0;
    for (const page of pages(tasks, PAGE)) {
      const noted = page.map(({ part, starts, ...task }) => {
        return { ...task, note: JSON.stringify([task.ip, part, ...(starts ? [starts] : [])]) };
      });
      const given = { id: scan.id, project: scan.project, tasks: noted, how: how ?? '' };
      const done = await PUT_BACK.run(this.redis, keysOf(scan), [namedFields(given)]);
      if (done < 0) return undefined;
      count += done;
    }
    return count;
  }

  /** Has everything of a scan sent again that has failed. `ended`: it is stopped. */
  async retryFailed(scan: Scan, note?: AuditNote): Promise<number | 'unknown' | 'ended'> {
    const failed = Object.entries(await this.redis.hgetall(submissionKeys(scan.id).failed));
    const tasks = failed.map(([id, text]) => {
      const [ip, part] = JSON.parse(text) as [string, number];
      return { id, note: JSON.stringify([ip, part]) };
    });
    let count = 0;
    // At least once: it says whether the scan can be sent.
    for (const [index, page] of [...pages(tasks, PAGE), ...(tasks.length === 0 ? [[]] : [])].entries()) {
      const given = namedFields({ id: scan.id, project: scan.project, tasks: page });
      const done = await RETRY.run(this.redis, keysOf(scan), [given], index === 0 ? note : undefined);
      if (typeof done === 'string') return done;
      count += done;
    }
    return count;
  }

  /** Has events tell of the dead letters that were put back since. */
  async tellDead(): Promise<void> {
    await TELL_DEAD.run(this.redis, [], []);
  }

  /** Up to so many of those that wait, in any order. */
  async some(id: string, count: number): Promise<Pick<AgainTask, 'id' | 'ip' | 'part'>[]> {
    const flat = (await this.redis.hrandfield(submissionKeys(id).again, count, 'WITHVALUES')) as string[];
    return pairsOf(flat).map(([task, note]) => {
      const [ip, part] = JSON.parse(note) as [string, number];
      return { id: task, ip, part };
    });
  }

  /** How many wait. */
  count(id: string): Promise<number> {
    return this.redis.hlen(submissionKeys(id).again);
  }
}

type Scan = Pick<SubmissionFacts, 'id' | 'project'> & { user: { id: string } };

function keysOf({ id, project, user }: Scan): string[] {
  const { facts, again, failed, ...rest } = submissionKeys(id);
  const { open, list } = listKeys(project, 'scan');
  const { projectTasks, userTasks } = workerKeys;
  const first = [facts, again, projectTasks(project), userTasks(user.id), open, failed];
  return [...first, list, ...Object.values(rest)];
}
