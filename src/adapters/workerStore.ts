import type { Redis } from 'ioredis';
import { epochSeconds } from './epochSeconds.ts';
import { UNANSWERED_PINGS_KEY } from './keys.ts';
import { repliesOf } from './pipeline.ts';
import { workerKeys } from './workerKeys.ts';

/** A worker counts as alive for this long after its last pong. */
const WORKER_TTL_S = 90;
const SCAN_COUNT = 1_000;
const RUNNING_KEY = /^running:task:([^:]+):host:(.+)$/;

export interface RunningTarget {
  ip: string;
  hostnames: string[];
  worker: string;
  /** Epoch seconds; 0 when unknown. */
  started_at: number;
}

export interface WorkerInfo {
  ip: string;
  /** Epoch seconds; 0 when unknown. */
  last_updated: number;
  last_seen: number;
}

/** What the workers write about themselves and about what they scan. */
export class WorkerStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** What the workers say they scan at this moment, for this project: one entry per task. */
  async runningTargets(project: string): Promise<RunningTarget[]> {
    const keys = await this.#oneKeyPerTask('running:task:*');
    const tasks = [...keys.keys()];
    if (tasks.length === 0) return [];
    const ours = await this.#redis.smismember(workerKeys.projectTasks(project), ...tasks);
    const pipeline = this.#redis.pipeline();
    for (const [index, key] of [...keys.values()].entries())
      if (ours[index] === 1) pipeline.lrange(key, 0, 0);
    const entries = repliesOf<string[]>(await pipeline.exec());
    return entries.flatMap(([text]) => (text === undefined ? [] : runningTargetOf(text)));
  }

  async workers(): Promise<Record<string, WorkerInfo>> {
    const keys = await this.#scan('worker:*');
    const pipeline = this.#redis.pipeline();
    for (const key of keys) pipeline.hgetall(key);
    const hashes = repliesOf<Record<string, string>>(await pipeline.exec());
    const infos = keys.map((key, index) => [key.slice('worker:'.length), workerInfoOf(hashes[index] ?? {})]);
    return Object.fromEntries(infos) as Record<string, WorkerInfo>;
  }

  /** Notes a pong: the worker is alive now. */
  async seen(host: string, epochSeconds: number): Promise<void> {
    const key = workerKeys.worker(host);
    await this.#redis
      .multi()
      .hset(key, 'last_seen', epochSeconds)
      .expire(key, WORKER_TTL_S)
      .hset(UNANSWERED_PINGS_KEY, host, 0)
      .exec();
  }

  /** The tasks that a worker says it runs, of all projects. One that was killed says so until it counts as gone. */
  async runningTasks(): Promise<Set<string>> {
    const keys = await this.#scan('running:task:*');
    return new Set(keys.map((key) => RUNNING_KEY.exec(key)?.[1] ?? ''));
  }

  /** Who runs a task, by that worker's word; undefined: nobody says so. */
  async runningTask(task: string): Promise<RunningTarget | undefined> {
    const key = (await this.#oneKeyPerTask(`running:task:${task}:host:*`)).get(task);
    const [text] = key === undefined ? [] : await this.#redis.lrange(key, 0, 0);
    return text === undefined ? undefined : runningTargetOf(text)[0];
  }

  /** Deletes the running entries of these tasks: a worker that was killed left them behind. */
  async forgetRunning(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size === 0) return;
    const keys = await this.#scan('running:task:*');
    const stale = keys.filter((key) => ids.has(RUNNING_KEY.exec(key)?.[1] ?? ''));
    if (stale.length > 0) await this.#redis.del(...stale);
  }

  /**
   * Of the running entries under this pattern one for each task. A worker that was killed leaves its entry behind, and
   * RabbitMQ gives the task to another one: the entry of a worker that is there wins.
   */
  async #oneKeyPerTask(pattern: string): Promise<Map<string, string>> {
    const entries = (await this.#scan(pattern)).flatMap((key) => {
      const [, task, host] = RUNNING_KEY.exec(key) ?? [];
      return task === undefined || host === undefined ? [] : [{ key, task, host }];
    });
    const first = new Map(entries.map(({ task, key }) => [task, key]));
    if (first.size === entries.length) return first;
    const hosts = [...new Set(entries.map(({ host }) => host))];
    const pipeline = this.#redis.pipeline();
    for (const host of hosts) pipeline.exists(workerKeys.worker(host));
    const there = repliesOf<number>(await pipeline.exec());
    const present = new Set(hosts.filter((_, index) => there[index] === 1));
    for (const { key, task, host } of entries) if (present.has(host)) first.set(task, key);
    return first;
  }

  async #scan(pattern: string): Promise<string[]> {
    const found = new Set<string>();
    const stream = this.#redis.scanStream({ match: pattern, count: SCAN_COUNT });
    for await (const keys of stream as AsyncIterable<string[]>) for (const key of keys) found.add(key);
    return [...found].sort();
  }
}

function runningTargetOf(text: string): RunningTarget[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const { ip, hostnames, worker, started_at } = value as Record<string, unknown>;
  if (typeof ip !== 'string') return [];
  const names = Array.isArray(hostnames) ? hostnames.filter((name) => typeof name === 'string') : [];
  return [
    {
      ip,
      hostnames: names,
      worker: typeof worker === 'string' ? worker : 'unknown',
      started_at: epochSeconds(started_at),
    },
  ];
}

function workerInfoOf(hash: Record<string, string>): WorkerInfo {
  return {
    ip: hash.ip ?? 'unknown',
    last_updated: epochSeconds(hash.last_updated),
    last_seen: epochSeconds(hash.last_seen),
  };
}
