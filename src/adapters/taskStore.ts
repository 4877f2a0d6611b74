import type { Redis } from 'ioredis';
import { projectKeys, STOPS_KEY, submissionKeys } from './keys.ts';
import { pages, repliesOf } from './pipeline.ts';
import { TRACK } from './submissionScripts.ts';
import { workerKeys } from './workerKeys.ts';

/**
 * A lock outlives any wait of its task by far; the worker deletes it when the task ends, a stop when it is taken
 * back. It expires only so that a lock whose task was lost by hand does not stay for ever.
 */
const LOCK_TTL_S = 30 * 24 * 3600;
const SCAN_COUNT = 1_000;

/** A task that is out: in RabbitMQ or with a worker. */
export interface TaskOut {
  id: string;
  /** undefined: the worker deleted the task's hash between two reads. */
  ip: string | undefined;
  /** The port string as sent. */
  ports: string;
}

/** One batch about to be sent. */
export interface Batch {
  submission: string;
  project: string;
  user: string;
  lane: number;
  batch: number;
  ports: string;
  tasks: readonly { id: string; ip: string }[];
}

/** The tasks that are out: in RabbitMQ or with a worker. Their keys are shared with the workers. */
export class TaskStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * Takes the locks and writes the tracking keys of a batch. Gives the ids that may be published: without those
   * whose lock another task holds. The words mean that nothing was written: the submission or the project is
   * stopped, or an earlier try of the same batch got to its end.
   */
  async track(batch: Batch): Promise<'stopped' | 'stopping' | 'sent' | Set<string>> {
    const { facts, lanes } = submissionKeys(batch.submission);
    const { users } = projectKeys(batch.project);
    const { projectTasks, userTasks } = workerKeys;
    const reply = await TRACK.run(
      this.#redis,
      [facts, lanes, STOPS_KEY, projectTasks(batch.project), userTasks(batch.user), users],
      [
        batch.lane,
        batch.batch,
        batch.tasks.length,
        LOCK_TTL_S,
        batch.project,
        batch.user,
        batch.ports,
        ...batch.tasks.flatMap(({ ip, id }) => [ip, id]),
      ],
    );
    if (reply === 'stopped' || reply === 'stopping' || reply === 'sent') return reply;
    return new Set(reply);
  }

  countOut(project: string): Promise<number> {
    return this.#redis.scard(workerKeys.projectTasks(project));
  }

  /** Every task of the project that is out, in pages. Costs one hash read per task. */
  async *tasksOut(project: string): AsyncGenerator<TaskOut[]> {
    const stream = this.#redis.sscanStream(workerKeys.projectTasks(project), { count: SCAN_COUNT });
    for await (const ids of stream as AsyncIterable<string[]>) {
      for (const page of pages(ids)) yield this.#describe(page);
    }
  }

  /** The tasks that are out for these addresses of the project: one set read per address. */
  async *tasksOutFor(project: string, ips: readonly string[]): AsyncGenerator<TaskOut[]> {
    for (const page of pages(ips)) {
      const pipeline = this.#redis.pipeline();
      for (const ip of page) pipeline.smembers(workerKeys.addressTasks(project, ip));
      const ids = repliesOf<string[]>(await pipeline.exec()).flat();
      if (ids.length > 0) yield this.#describe(ids);
    }
  }

  async #describe(ids: readonly string[]): Promise<TaskOut[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hmget(workerKeys.task(id), 'ip', 'ports');
    const replies = repliesOf<(string | null)[]>(await pipeline.exec());
    return ids.map((id, index) => {
      const [ip, ports] = replies[index] ?? [];
      return { id, ip: ip ?? undefined, ports: ports ?? '' };
    });
  }

  /** Deletes everything that tracks these tasks, locks included. Does no harm when the worker did it already. */
  async forget(project: string, users: readonly string[], tasks: readonly TaskOut[]): Promise<void> {
    for (const page of pages(tasks)) {
      const ids = page.map((task) => task.id);
      const pipeline = this.#redis.pipeline();
      pipeline.srem(workerKeys.projectTasks(project), ...ids);
      for (const user of users) pipeline.srem(workerKeys.userTasks(user), ...ids);
      for (const { id, ip, ports } of page) {
        if (ip === undefined) continue;
        pipeline.srem(workerKeys.addressTasks(project, ip), id);
        pipeline.del(workerKeys.task(id), workerKeys.lock(project, ip, ports));
      }
      repliesOf(await pipeline.exec());
    }
  }
}
