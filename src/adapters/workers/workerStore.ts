import { LRUCache } from 'lru-cache';
import { proportionalTtl } from '../../runtime/proportionalTtl.ts';
import { epochSeconds } from '../redis/epochSeconds.ts';
import { UNANSWERED_PINGS_KEY } from '../redis/keys.ts';
import { keysLike } from '../redis/keysLike.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from './keys.ts';
import { readEach } from './readEach.ts';
import {
  entryOf,
  RUNNING_KEYS,
  type RunningEntry,
  type RunningTarget,
  runningTargetsIn,
  startsIn,
} from './runningEntries.ts';
import { isWord, isWorkerName, LONGEST_WORD, MOST_ENTRIES, MOST_WORKERS } from './words.ts';

/** A look at every key is used for so many times as long as it took: all of them take a tenth of the time at most. */
const LOOKS_LAST = 10;
const LONGEST_MS = 30_000;
/** A worker counts as alive for this long after its last pong. */
const WORKER_TTL_S = 90;

export interface WorkerInfo {
  /** null when unknown. */
  ip: string | null;
  /** Epoch seconds; 0 when unknown. */
  last_updated: number;
  last_seen: number;
}

const FIELDS = ['HMGET', 'ip', 'last_updated', 'last_seen'];

/**
 * KEYS unanswered pings, worker. ARGV host, epoch seconds, seconds for which it counts as alive, how many workers there
 * may be. Returns 0 when there are so many already.
 */
const SEEN = new RedisScript<0 | 1>(`
local isNew = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0
if isNew and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 0)
local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[2]) end
redis.call('HSET', KEYS[2], 'last_seen', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
`);

/** What the workers write about themselves and about what they scan. */
export class WorkerStore extends Store {
  readonly #looks = new LRUCache<string, string[], number>({
    max: 2,
    fetchMethod: proportionalTtl(LOOKS_LAST, LONGEST_MS, async (pattern, most) =>
      (await keysLike(this.redis, pattern, most)).sort(),
    ),
    ignoreFetchAbort: true,
  });

  /** What the workers say they scan at this moment, for this project: one entry per task. */
  async runningTargets(project: string): Promise<RunningTarget[]> {
    const keys = await this.#oneKeyPerTask();
    const ours: string[] = [];
    for (const page of pages([...keys])) {
      const tasks = page.map(([task]) => task);
      const members = await this.redis.smismember(workerKeys.projectTasks(project), ...tasks);
      ours.push(...page.filter((_, index) => members[index] === 1).map(([, key]) => key));
    }
    return runningTargetsIn(this.redis, ours);
  }

  /** All of them by host; in the words of the old Tasker an address that is not known is `unknown`. */
  async workers(): Promise<Record<string, WorkerInfo & { ip: string }>> {
    const infos = Object.entries(await this.infosOf(await this.#hosts()));
    return Object.fromEntries(infos.map(([host, info]) => [host, { ...info, ip: info.ip ?? 'unknown' }]));
  }

  /** What these say about themselves, by host. */
  async infosOf(hosts: readonly string[]): Promise<Record<string, WorkerInfo>> {
    const infos: [string, WorkerInfo][] = [];
    for (const page of pages(hosts)) {
      const keys = page.map(workerKeys.worker);
      const words = await readEach(this.redis, keys, LONGEST_WORD, FIELDS);
      for (const [index, host] of page.entries()) {
        const [ip, updated, seen] = words[index] ?? [];
        const [last_updated, last_seen] = [epochSeconds(updated), epochSeconds(seen)];
        infos.push([host, { ip: isWord(ip) ? ip : null, last_updated, last_seen }]);
      }
    }
    return Object.fromEntries(infos);
  }

  /** `host task` -> when the worker says that it began, in epoch seconds. */
  async startsOf(pairs: readonly { host: string; task: string }[]): Promise<Map<string, number>> {
    const keys = pairs.map(({ host, task }) => workerKeys.running(task, host));
    const starts = await startsIn(this.redis, keys);
    return new Map(starts.map(({ task, worker, at }) => [`${worker} ${task}`, at]));
  }

  /** Notes a pong: the worker is alive now. False when there are too many workers to note another one. */
  async seen(host: string, epochSeconds: number): Promise<boolean> {
    const keys = [UNANSWERED_PINGS_KEY, workerKeys.worker(host)];
    return (await SEEN.run(this.redis, keys, [host, epochSeconds, WORKER_TTL_S, MOST_WORKERS])) === 1;
  }

  /** The tasks that a worker says it runs, of all projects. One that was killed says so until it counts as gone. */
  async runningTasks(): Promise<Set<string>> {
    return new Set((await this.#entries()).map(({ task }) => task));
  }

  /** Who runs a task, by that worker's word; undefined: nobody says so. */
  async runningTask(task: string): Promise<RunningTarget | undefined> {
    const keys = [...(await this.#oneKeyPerTask(task)).values()];
    return (await runningTargetsIn(this.redis, keys))[0];
  }

  /** Deletes the running entries of these tasks: a worker that was killed left them behind. */
  async forgetRunning(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size === 0) return;
    const keys = await keysLike(this.redis, RUNNING_KEYS, MOST_ENTRIES);
    const stale = keys.filter((key) => ids.has(entryOf(key)?.task ?? ''));
    for (const page of pages(stale)) await this.redis.del(...page);
  }

  /**
   * Of the running entries of one task, or of all, one for each task. A worker that was killed leaves its entry behind,
   * and RabbitMQ gives the task to another one: the entry of a worker that is there wins.
   */
  async #oneKeyPerTask(wanted?: string): Promise<Map<string, string>> {
    const entries = (await this.#entries()).filter(({ task }) => wanted === undefined || task === wanted);
    const first = new Map(entries.map(({ task, key }) => [task, key]));
    if (first.size === entries.length) return first;
    const hosts = [...new Set(entries.map(({ host }) => host))];
    const pipeline = this.redis.pipeline();
    for (const host of hosts) pipeline.exists(workerKeys.worker(host));
    const there = repliesOf<number>(await pipeline.exec());
    const present = new Set(hosts.filter((_, index) => there[index] === 1));
    for (const { key, task, host } of entries) if (present.has(host)) first.set(task, key);
    return first;
  }

  async #entries(): Promise<RunningEntry[]> {
    const keys = await this.#keysLike(RUNNING_KEYS, MOST_ENTRIES);
    return keys.flatMap((key) => entryOf(key) ?? []);
  }

  async #hosts(): Promise<string[]> {
    const prefix = workerKeys.worker('');
    const keys = await this.#keysLike(workerKeys.worker('*'), MOST_WORKERS);
    return keys.map((key) => key.slice(prefix.length)).filter(isWorkerName);
  }

  /** Sorted; one that is brand new may be missing. */
  #keysLike(pattern: string, most: number): Promise<string[]> {
    return this.#looks.forceFetch(pattern, { context: most });
  }
}
