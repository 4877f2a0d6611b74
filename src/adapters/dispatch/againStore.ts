import { listKeys, OPEN_KEY, submissionKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { pairsOf } from '../redis/readAtOnce.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';

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

/**
 * Notes that tasks are to be sent again, and lets go of them: from here on they wait here, and nowhere else. One of a
 * submission that was done opens it again. Of a stopped one nothing is sent again. Those that are lost are left alone when
 * they have ended meanwhile, or their scan is stopped: then they are not ours any more.
 * KEYS facts, again, project tasks, user tasks, open submissions of the project, all other keys of the submission ...
 * ARGV {id, project, lost: whether they are, tasks {id, ip, ports, note}}.
 * Returns how many are to be sent again, or -1 when nothing is kept of the submission: then nothing was done.
 */
const PUT_BACK = new RedisScript<number>(
  `
local facts, again, projectTasks, userTasks, open = unpack(KEYS, 1, 5)
local given, count = cjson.decode(ARGV[1]), 0
local state = redis.call('HGET', facts, 'state')
if not state then return -1 end
for _, task in ipairs(given.tasks) do
  local id, ip = task.id, task.ip
  local isOurs = state ~= 'stopped' and redis.call('SISMEMBER', projectTasks, id) == 1
  if isOurs or not given.lost then
    local lock = 'lock:project:' .. given.project .. ':ip:' .. ip .. ':ports:' .. task.ports
    if redis.call('GET', lock) == id then redis.call('DEL', lock) end
    redis.call('DEL', 'task:' .. id .. ':metadata:nmap')
    redis.call('SREM', 'project:' .. given.project .. ':ip:' .. ip .. ':task_ids', id)
    redis.call('SREM', projectTasks, id)
    redis.call('SREM', userTasks, id)
    if state ~= 'stopped' then count = count + redis.call('HSETNX', again, id, task.note) end
  end
end
if given.lost and count > 0 then redis.call('HINCRBY', facts, 'resent', count) end
if count > 0 then
  redis.call('HINCRBY', facts, 'again', count)
  redis.call('HINCRBY', facts, 'published', -count)
end
if count > 0 and state == 'done' then
  redis.call('HSET', facts, 'state', 'dispatching', 'reopened', 1)
  redis.call('HDEL', facts, 'ended_at', 'finished_at')
  redis.call('SADD', open, given.id)
  redis.call('HSET', '${OPEN_KEY}', given.id, given.project)
  for i = 5, #KEYS do redis.call('PERSIST', KEYS[i]) end
  redis.call('PERSIST', facts)
  redis.call('PERSIST', again)
end
return count
`,
  'also when Redis is full',
);

/** Tasks that were sent and have come back: they wait until they are sent again. */
export class AgainStore extends Store {
  /** Gives how many are to be sent again; undefined: nothing is kept of the submission, and nothing was done. */
  async putBack(
    { id, project, user }: { id: string; project: string; user: { id: string } },
    tasks: readonly AgainTask[],
    how?: 'lost',
  ): Promise<number | undefined> {
    const { facts, again, ...rest } = submissionKeys(id);
    const { open, list } = listKeys(project, 'scan');
    const keys = [facts, again, workerKeys.projectTasks(project), workerKeys.userTasks(user.id), open];
    let count = 0;
    for (const page of pages(tasks, PAGE)) {
      const noted = page.map(({ part, ...task }) => ({ ...task, note: JSON.stringify([task.ip, part]) }));
      const done = await PUT_BACK.run(
        this.redis,
        [...keys, list, ...Object.values(rest)],
        [namedFields({ id, project, tasks: noted, lost: how === 'lost' })],
      );
      if (done < 0) return undefined;
      count += done;
    }
    return count;
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
