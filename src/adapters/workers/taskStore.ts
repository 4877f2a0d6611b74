import { keysLike } from '../redis/keysLike.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from './keys.ts';
import { readEach } from './readEach.ts';

const SCAN_COUNT = 1_000;
/** Bytes: no text in Redis is longer. Strings of ports are ours, and may be long. */
const ANY_LENGTH = 2 ** 29;

/** A task that is out: in RabbitMQ or with a worker. */
export interface TaskOut {
  id: string;
  /** undefined: the worker deleted the task's hash between two reads. */
  ip: string | undefined;
  /** The port string as sent. */
  ports: string;
  /** undefined: likewise, or it is not one of this version. */
  submission?: string | undefined;
}

/** Lua passes on some 8,000 arguments at most. */
const FORGOTTEN_AT_ONCE = 500;

/**
 * In one script, because a command for each key would cost us ten times as much as Redis.
 * KEYS tasks of the project, tasks of each of the users ...; then for each task whose address is known: tasks of the
 * address, task, lock. ARGV users, ids ..., those with an address first. Returns how many of the tasks were a user's.
 */
const FORGET = new RedisScript<number>(
  `
local users, found = tonumber(ARGV[1]), 0
redis.call('SREM', KEYS[1], unpack(ARGV, 2))
for i = 2, users + 1 do found = found + redis.call('SREM', KEYS[i], unpack(ARGV, 2)) end
for i = users + 2, #KEYS, 3 do
  redis.call('SREM', KEYS[i], ARGV[2 + (i - users - 2) / 3])
  redis.call('DEL', KEYS[i + 1], KEYS[i + 2])
end
return found
`,
  'also when Redis is full',
);

/** The tasks that are out: in RabbitMQ or with a worker. Their keys are shared with the workers. */
export class TaskStore extends Store {
  /** Every task of the project that is out, in pages. Costs one hash read per task. */
  async *tasksOut(project: string): AsyncGenerator<TaskOut[]> {
    const stream = this.redis.sscanStream(workerKeys.projectTasks(project), { count: SCAN_COUNT });
    for await (const ids of stream as AsyncIterable<string[]>) {
      for (const page of pages(ids)) yield this.#describe(page);
    }
  }

  /** The tasks that are out for these addresses of the project: one set read per address. */
  async *tasksOutFor(project: string, ips: readonly string[]): AsyncGenerator<TaskOut[]> {
    for (const page of pages(ips)) {
      const pipeline = this.redis.pipeline();
      for (const ip of page) pipeline.smembers(workerKeys.addressTasks(project, ip));
      const ids = repliesOf<string[]>(await pipeline.exec()).flat();
      if (ids.length > 0) yield this.#describe(ids);
    }
  }

  /** What is kept of these tasks. */
  async describe(ids: readonly string[]): Promise<TaskOut[]> {
    const described: TaskOut[] = [];
    for (const page of pages(ids)) described.push(...(await this.#describe(page)));
    return described;
  }

  async #describe(ids: readonly string[]): Promise<TaskOut[]> {
    const command = ['HMGET', 'ip', 'ports', 'submission'];
    const fields = await readEach(this.redis, ids.map(workerKeys.task), ANY_LENGTH, command);
    return ids.map((id, index) => {
      const [ip, ports = '', submission] = fields[index] ?? [];
      return { id, ip: ip || undefined, ports, submission: submission || undefined };
    });
  }

  /** Deletes everything that tracks these tasks, locks included. Does no harm when the worker did it already. */
  async forget(project: string, users: readonly string[], tasks: readonly TaskOut[]): Promise<void> {
    const ofOthers: string[] = [];
    const { projectTasks, userTasks } = workerKeys;
    const sets = [projectTasks(project), ...users.map(userTasks)];
    for (const page of pages(tasks, FORGOTTEN_AT_ONCE)) {
      const placed = page.flatMap(({ id, ip, ports }) => (ip === undefined ? [] : [{ id, ip, ports }]));
      const ids = [...placed, ...page.filter(({ ip }) => ip === undefined)].map(({ id }) => id);
      const own = placed.flatMap(({ id, ip, ports }) => [
        workerKeys.addressTasks(project, ip),
        workerKeys.task(id),
        workerKeys.lock(project, ip, ports),
      ]);
      const found = await FORGET.run(this.redis, [...sets, ...own], [users.length, ...ids]);
      if (found < ids.length) ofOthers.push(...ids);
    }
    if (ofOthers.length > 0) await this.#forgetUsers(ofOthers);
  }

  /** Nobody noted whose tasks the old Tasker's are: looks at the sets of all users. */
  async #forgetUsers(ids: readonly string[]): Promise<void> {
    const keys = await keysLike(this.redis, workerKeys.userTasks('*'), Number.POSITIVE_INFINITY);
    for (const key of keys) for (const page of pages(ids)) await this.redis.srem(key, ...page);
  }
}
