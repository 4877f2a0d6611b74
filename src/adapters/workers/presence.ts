import { EMIT, EVENT_NAMES } from '../events/script.ts';
import { FACTS_PREFIX, RECALLS_KEY, UNANSWERED_PINGS_KEY } from '../redis/keys.ts';
import { keysLike } from '../redis/keysLike.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from './keys.ts';
import { readEach } from './readEach.ts';
import { entryOf } from './runningEntries.ts';
import { isTaskId, isWorkerName, LONGEST_WORD, MOST_ENTRIES, MOST_LISTED, MOST_WORKERS } from './words.ts';

/**
 * A worker that left so many pings in a row unanswered is gone: 90 s. Pings are counted, not time: while we or
 * RabbitMQ are away nobody is asked, and nobody gets older by it.
 */
export const GONE_AFTER_PINGS = 6;

/** Each may have a list of some length. */
const WORKERS_AT_ONCE = 50;

/** A worker, as far as its answers and its own list of tasks tell. */
export interface WorkerState {
  host: string;
  /** Pings in a row without an answer; 1 may only mean that the last one is on its way. */
  unanswered: number;
  /** Ids of the tasks that it says it runs. */
  tasks: ReadonlySet<string>;
}

/** ARGV how many workers there may be, hosts ... A stop asks for it. */
const ARE_THERE = new RedisScript<null>(
  `
local left = tonumber(ARGV[1]) - redis.call('HLEN', '${UNANSWERED_PINGS_KEY}')
for i = 2, #ARGV do
  if left <= 0 then break end
  left = left - redis.call('HSETNX', '${UNANSWERED_PINGS_KEY}', ARGV[i], 0)
end
`,
  'also when Redis is full',
);

const PINGED = new RedisScript<null>(`
local pings = '${UNANSWERED_PINGS_KEY}'
for _, host in ipairs(redis.call('HKEYS', pings)) do redis.call('HINCRBY', pings, host, 1) end
`);

/**
 * Deletes what a worker that is gone says it runs; does nothing when it has answered by now. Its pid of a task stays
 * while somebody may still want that task cancelled: should the worker come back with its nmap running, a cancel finds
 * it only by that pid.
 * KEYS worker, tool, running entries ... ARGV host, pings after which it is gone, how many of the tasks that it lists are
 * looked at now.
 * Projects whose tasks it had are told. Returns how many running entries it deleted.
 */
const FORGET_GONE = new RedisScript<number>(`${EMIT}
local function describe(key)
  local task = string.match(key, '^running:task:([^:]+):host:')
  local kept = task and redis.pcall('HMGET', 'task:' .. task .. ':metadata:nmap', 'submission', 'ip')
  -- Workers can write there: what is no id must not lead to another key.
  if not kept or kept.err or not kept[1] or not string.match(kept[1], '^[%w-]+$') then return end
  return redis.call('HGET', '${FACTS_PREFIX}' .. kept[1], 'project'), kept[2] or ''
end
local function tellProjects(host, keys)
  local projects, count = {}, 0
  for _, key in ipairs(keys) do
    local project, ip = describe(key)
    if project and not projects[project] and count < ${EVENT_NAMES} then
      projects[project], count = {total = 0, listed = {}}, count + 1
    end
    local told = project and projects[project]
    if told then
      told.total = told.total + 1
      if #told.listed < ${EVENT_NAMES} then told.listed[#told.listed + 1] = string.sub(ip, 1, 50) end
    end
  end
  for project, targets in pairs(projects) do emit(project, 'worker.gone', {worker = host, targets = targets}) end
end
local worker, tool = KEYS[1], KEYS[2]
local pings = tonumber(redis.call('HGET', '${UNANSWERED_PINGS_KEY}', ARGV[1]) or 0)
if pings < tonumber(ARGV[2]) or redis.call('PTTL', worker) > 0 then return 0 end
local entries = {}
for i = 3, #KEYS do
  if redis.call('DEL', KEYS[i]) == 1 then entries[#entries + 1] = KEYS[i] end
end
tellProjects(ARGV[1], entries)
local tasks = redis.pcall('HRANDFIELD', tool, ARGV[3])
if tasks.err then
  redis.call('DEL', tool)
  tasks = {}
end
for _, task in ipairs(tasks) do
  local out = redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1
  if not out and redis.call('HEXISTS', '${RECALLS_KEY}', task) == 0 then redis.call('HDEL', tool, task) end
end
if redis.call('EXISTS', tool) == 0 then redis.call('HDEL', '${UNANSWERED_PINGS_KEY}', ARGV[1]) end
return #entries
`);

/** Which workers are there, which are only silent, and which are gone. */
export class WorkerPresence extends Store {
  /** Notes that a ping went out to all workers. Their answers are noted by `WorkerStore.seen`. */
  async pinged(): Promise<void> {
    await PINGED.run(this.redis, [], []);
  }

  /**
   * Finds workers that run something and have not answered a ping yet. They count as there from now on. Looks at every
   * key of the database once, and gives the running entries of each worker that has any.
   */
  async discover(): Promise<Map<string, string[]>> {
    const left = await this.#leftByHost();
    for (const page of pages([...left.keys()])) await ARE_THERE.run(this.redis, [], [MOST_WORKERS, ...page]);
    return left;
  }

  /** Every worker that was ever heard of, until nothing is left of it. */
  async workers(): Promise<WorkerState[]> {
    const pings = Object.entries(await this.redis.hgetall(UNANSWERED_PINGS_KEY));
    const workers: WorkerState[] = [];
    for (const page of pages(pings, WORKERS_AT_ONCE)) {
      const keys = page.map(([host]) => workerKeys.tool(host));
      const lists = await readEach(this.redis, keys, LONGEST_WORD, ['HRANDFIELD', MOST_LISTED]);
      for (const [index, [host, unanswered]] of page.entries()) {
        const tasks = new Set(lists[index]?.filter(isTaskId));
        workers.push({ host, unanswered: Number(unanswered), tasks });
      }
    }
    return workers;
  }

  /** Takes a task off the lists of these workers. */
  async forgetTask(task: string, hosts: readonly string[]): Promise<void> {
    for (const host of hosts) await this.redis.hdel(workerKeys.tool(host), task);
  }

  /**
   * Deletes what workers that are gone left behind, and gives how many running entries of which.
   * @param left what {@link discover} gave
   */
  async forgetGone(left: ReadonlyMap<string, readonly string[]>): Promise<Map<string, number>> {
    const gone = new Map<string, number>();
    for (const [host, pings] of Object.entries(await this.redis.hgetall(UNANSWERED_PINGS_KEY))) {
      if (Number(pings) < GONE_AFTER_PINGS) continue;
      const keys = [workerKeys.worker(host), workerKeys.tool(host), ...(left.get(host) ?? [])];
      const deleted = await FORGET_GONE.run(this.redis, keys, [host, GONE_AFTER_PINGS, MOST_LISTED]);
      if (deleted > 0) gone.set(host, deleted);
    }
    return gone;
  }

  /** The running entries of every worker of which there is anything. */
  async #leftByHost(): Promise<Map<string, string[]>> {
    const left = new Map<string, string[]>();
    const toolPrefix = workerKeys.tool('');
    for (const key of await keysLike(this.redis, 'running*', MOST_ENTRIES)) {
      const entry = entryOf(key);
      const host = entry?.host ?? (key.startsWith(toolPrefix) ? key.slice(toolPrefix.length) : '');
      if (!isWorkerName(host)) continue;
      const entries = left.get(host) ?? [];
      if (entry) entries.push(key);
      left.set(host, entries);
    }
    return left;
  }
}
