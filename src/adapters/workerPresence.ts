import type { Redis } from 'ioredis';
import { RECALLS_KEY, UNANSWERED_PINGS_KEY } from './keys.ts';
import { repliesOf } from './pipeline.ts';
import { RedisScript } from './redisScript.ts';
import { workerKeys } from './workerKeys.ts';

/**
 * A worker that left so many pings in a row unanswered is gone: 3 minutes. Pings are counted, not time: while we or
 * RabbitMQ are away nobody is asked, and nobody gets older by it.
 */
export const GONE_AFTER_PINGS = 6;

const SCAN_COUNT = 1_000;
const RUNNING_KEY = /^running:task:[^:]+:host:(.+)$/;
const TOOL_KEY = /^running_tool:nmap:(.+)$/;

/** A worker, as far as its answers and its own list of tasks tell. */
export interface WorkerState {
  host: string;
  /** Pings in a row without an answer; 1 may only mean that the last one is on its way. */
  unanswered: number;
  /** Ids of the tasks that it says it runs. */
  tasks: ReadonlySet<string>;
}

/** KEYS unanswered pings. ARGV hosts. A stop asks for it. */
const IS_THERE = new RedisScript<null>(
  "for _, host in ipairs(ARGV) do redis.call('HSETNX', KEYS[1], host, 0) end",
  'also when Redis is full',
);

/** KEYS unanswered pings. */
const PINGED = new RedisScript<null>(`
for _, host in ipairs(redis.call('HKEYS', KEYS[1])) do redis.call('HINCRBY', KEYS[1], host, 1) end
`);

/**
 * Deletes what a worker that is gone says it runs; does nothing when it has answered by now. Its pid of a task stays
 * while somebody may still want that task cancelled: should the worker come back with its nmap running, a cancel finds
 * it only by that pid.
 * KEYS unanswered pings, worker, tool, recalls, running entries ... ARGV host, pings after which it is gone.
 * Returns how many running entries it deleted.
 */
const FORGET_GONE = new RedisScript<number>(`
local pings = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
if pings < tonumber(ARGV[2]) or redis.call('PTTL', KEYS[2]) > 0 then return 0 end
local deleted = 0
for i = 5, #KEYS do deleted = deleted + redis.call('DEL', KEYS[i]) end
for _, task in ipairs(redis.call('HKEYS', KEYS[3])) do
  local out = redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1
  if not out and redis.call('HEXISTS', KEYS[4], task) == 0 then redis.call('HDEL', KEYS[3], task) end
end
if redis.call('EXISTS', KEYS[3]) == 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
return deleted
`);

/** Which workers are there, which are only silent, and which are gone. */
export class WorkerPresence {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Notes that a ping went out to all workers. Their answers are noted by `WorkerStore.seen`. */
  async pinged(): Promise<void> {
    await PINGED.run(this.#redis, [UNANSWERED_PINGS_KEY], []);
  }

  /**
   * Finds workers that run something and have not answered a ping yet. They count as there from now on. Looks at every
   * key of the database once, and gives the running entries of each worker that has any.
   */
  async discover(): Promise<Map<string, string[]>> {
    const left = await this.#leftByHost();
    await IS_THERE.run(this.#redis, [UNANSWERED_PINGS_KEY], [...left.keys()]);
    return left;
  }

  /** Every worker that was ever heard of, until nothing is left of it. */
  async workers(): Promise<WorkerState[]> {
    const pings = Object.entries(await this.#redis.hgetall(UNANSWERED_PINGS_KEY));
    const pipeline = this.#redis.pipeline();
    for (const [host] of pings) pipeline.hkeys(workerKeys.tool(host));
    const tasks = repliesOf<string[]>(await pipeline.exec());
    return pings.map(([host, unanswered], index) => {
      return { host, unanswered: Number(unanswered), tasks: new Set(tasks[index]) };
    });
  }

  /** Takes a task off the lists of these workers. */
  async forgetTask(task: string, hosts: readonly string[]): Promise<void> {
    for (const host of hosts) await this.#redis.hdel(workerKeys.tool(host), task);
  }

  /**
   * Deletes what workers that are gone left behind, and gives how many running entries of which. Looks at every key of
   * the database once.
   */
  async forgetGone(): Promise<Map<string, number>> {
    const left = await this.discover();
    const gone = new Map<string, number>();
    for (const [host, pings] of Object.entries(await this.#redis.hgetall(UNANSWERED_PINGS_KEY))) {
      if (Number(pings) < GONE_AFTER_PINGS) continue;
      const keys = [UNANSWERED_PINGS_KEY, workerKeys.worker(host), workerKeys.tool(host), RECALLS_KEY];
      const entries = left.get(host) ?? [];
      const deleted = await FORGET_GONE.run(this.#redis, [...keys, ...entries], [host, GONE_AFTER_PINGS]);
      if (deleted > 0) gone.set(host, deleted);
    }
    return gone;
  }

  /** The running entries of every worker of which there is anything. */
  async #leftByHost(): Promise<Map<string, string[]>> {
    const left = new Map<string, string[]>();
    const stream = this.#redis.scanStream({ match: 'running*', count: SCAN_COUNT });
    for await (const keys of stream as AsyncIterable<string[]>) {
      for (const key of keys) {
        const running = RUNNING_KEY.exec(key)?.[1];
        const host = running ?? TOOL_KEY.exec(key)?.[1];
        if (host === undefined) continue;
        const entries = left.get(host) ?? [];
        left.set(host, running === undefined || entries.includes(key) ? entries : [...entries, key]);
      }
    }
    return left;
  }
}
