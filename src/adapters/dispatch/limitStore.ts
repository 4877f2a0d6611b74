import { LIMIT_WAITS_KEY, NETWORK_TASKS_KEY, projectKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from '../workers/keys.ts';

/** Members that are looked at in one step. */
const PAGE = 1_000;
/** What is before all members. */
const BEGIN = '-';

/**
 * Forgets those of the noted tasks that are out no more: workers delete what tells of a task when it ends.
 * KEYS noted tasks. ARGV where to begin, how many.
 * Returns the last one that was looked at, or '-' at the end.
 */
const FORGET_ENDED = new RedisScript<string>(`
local from, most = ARGV[1], tonumber(ARGV[2])
local members, ended = redis.call('ZRANGE', KEYS[1], from, '+', 'BYLEX', 'LIMIT', 0, most), {}
for _, member in ipairs(members) do
  local id = string.match(member, '([^:]+)$')
  if redis.call('EXISTS', 'task:' .. id .. ':metadata:nmap') == 0 then ended[#ended + 1] = member end
end
if #ended > 0 then redis.call('ZREM', KEYS[1], unpack(ended)) end
return #members == most and '(' .. members[#members] or '${BEGIN}'
`);

/** What the limits of projects and networks say, and who waits for them. */
export class LimitStore extends Store {
  /** Frees the places of tasks that have ended. */
  async freePlaces(): Promise<void> {
    let from = BEGIN;
    do from = await FORGET_ENDED.run(this.redis, [NETWORK_TASKS_KEY], [from, PAGE]);
    while (from !== BEGIN);
  }

  /** Submissions that something was kept from being sent of; whoever gets one sees to it. */
  async waiting(most: number): Promise<string[]> {
    return this.redis.spop(LIMIT_WAITS_KEY, most);
  }

  /** How many more tasks of the project may be out; undefined: any number. */
  async room(project: string): Promise<number | undefined> {
    const pipeline = this.redis
      .pipeline()
      .hget(projectKeys(project).dispatch, 'max_running')
      .scard(workerKeys.projectTasks(project));
    const [most, out] = repliesOf<unknown>(await pipeline.exec()) as [string | null, number];
    return most === null ? undefined : Math.max(0, Number(most) - out);
  }
}
