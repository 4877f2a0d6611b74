import { keysLike } from '../redis/keysLike.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';
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
    for (const page of pages(tasks)) {
      const ids = page.map((task) => task.id);
      const pipeline = this.redis.pipeline();
      for (const user of users) pipeline.srem(workerKeys.userTasks(user), ...ids);
      pipeline.srem(workerKeys.projectTasks(project), ...ids);
      for (const { id, ip, ports } of page) {
        if (ip === undefined) continue;
        pipeline.srem(workerKeys.addressTasks(project, ip), id);
        pipeline.del(workerKeys.task(id), workerKeys.lock(project, ip, ports));
      }
      const removed = repliesOf<number>(await pipeline.exec()).slice(0, users.length);
      if (removed.reduce((sum, count) => sum + count, 0) < ids.length) ofOthers.push(...ids);
    }
    if (ofOthers.length > 0) await this.#forgetUsers(ofOthers);
  }

  /** Nobody noted whose tasks the old Tasker's are: looks at the sets of all users. */
  async #forgetUsers(ids: readonly string[]): Promise<void> {
    const keys = await keysLike(this.redis, workerKeys.userTasks('*'), Number.POSITIVE_INFINITY);
    for (const key of keys) for (const page of pages(ids)) await this.redis.srem(key, ...page);
  }
}
