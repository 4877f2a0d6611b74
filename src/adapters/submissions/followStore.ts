import { COUNT_TASKS } from '../dispatch/taskCounts.ts';
import { EMIT } from '../events/script.ts';
import { listKeys, submissionKeys, UNFINISHED_KEY } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';
import { RETENTION_S } from './endScripts.ts';

/** `out`: tasks of it are out; `open`: it is sent again, or nothing is kept of it. */
type Followed = 'out' | 'finished' | 'open';

/**
 * Looks whether a scan that has ended has tasks that are out. What is kept of it stays for as long as there are any: a
 * task that is lost can be sent again then.
 * KEYS facts, out, tasks of the project, list of the project's scans, every other key of the submission ...
 * ARGV id, now (ISO 8601).
 */
const FOLLOW = new RedisScript<Followed>(`${EMIT}${COUNT_TASKS}
local facts, out, projectTasks = unpack(KEYS, 1, 3)
local state, project = unpack(redis.call('HMGET', facts, 'state', 'project'))
if state ~= 'done' and state ~= 'stopped' then
  redis.call('HDEL', '${UNFINISHED_KEY}', ARGV[1])
  return 'open'
end
local isOut = redis.call('SINTERCARD', 2, out, projectTasks, 'LIMIT', 1) == 1
local ttl = redis.call('PTTL', facts)
if isOut and ttl * 2 > ${RETENTION_S} * 1000 then return 'out' end
for i = 1, #KEYS do
  -- Of the list an expiry only where no scan is open, and the project's tasks are not ours to end.
  local ends = KEYS[i] ~= projectTasks and (i ~= 4 or redis.call('PTTL', KEYS[i]) > 0)
  if ends then redis.call('EXPIRE', KEYS[i], ${RETENTION_S}) end
end
if isOut then return 'out' end
countDone(facts, tonumber(redis.call('HGET', facts, 'published') or 0))
if redis.call('HSETNX', facts, 'finished_at', ARGV[2]) == 1 and state == 'done' then
  local targets, tasks, failed = unpack(redis.call('HMGET', facts, 'targets', 'total', 'failed'))
  emit(project, 'scan.finished', {scan = scanOf(ARGV[1], facts), targets = tonumber(targets or 0),
    tasks = tonumber(tasks or 0), dead = tonumber(failed or 0)})
end
redis.call('HDEL', '${UNFINISHED_KEY}', ARGV[1])
return 'finished'
`);

/** Scans that were sent, until the last of their tasks has ended. */
export class FollowStore extends Store {
  /** Submission -> project: those that have ended, and of which tasks may be out. */
  unfinished(): Promise<Record<string, string>> {
    return this.redis.hgetall(UNFINISHED_KEY);
  }

  /** Notes that a scan is finished when none of its tasks is out. */
  async follow(id: string, project: string): Promise<Followed> {
    const { facts, out, ...rest } = submissionKeys(id);
    const keys = [facts, out, workerKeys.projectTasks(project), listKeys(project, 'scan').list];
    return FOLLOW.run(this.redis, [...keys, ...Object.values(rest)], [id, new Date().toISOString()]);
  }
}
