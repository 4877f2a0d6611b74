import { STARTS_KEY } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from './keys.ts';
import { startsIn } from './runningEntries.ts';

/** A worker began a task. */
export interface Start {
  worker: string;
  /** Epoch seconds, by that worker's word. */
  at: number;
}

/** What is known of the starts of one task. */
export interface Started {
  /** Those that count, in the order in which they were seen. */
  starts: Start[];
  /** It is a dead letter: what still comes back of it is taken out. */
  isDead: boolean;
}

/** Of one task that count and are noted; beyond them it is a dead letter long since. */
const MOST_STARTS = 10;
/** Of one task that do not count any more and are noted, the newest: an older entry is not there any more. */
const MOST_FORGIVEN = 40;
/** Starts that a process knows to be noted, before it asks again. */
const MOST_KNOWN = 10_000;
/** Two arguments each; Lua passes on some 8,000 at most. */
const PAGE = 2_000;
/**
 * Of a dead letter that a worker may have, by RabbitMQ's word. RabbitMQ gives back after 30 minutes what is not
 * acknowledged, also when it hears nothing of a worker that has no power.
 */
const LONGEST_DEAD_S = 3_600;

/**
 * Notes starts of tasks that are out, each once. A start is `+host@seconds`, or `-host@seconds` when it does not count any
 * more; a host has no blanks. A dead letter has `!@seconds` before them: since when it is one. KEYS starts. ARGV task, start without its sign, ...
 */
const NOTE = new RedisScript<null>(
  `
for i = 1, #ARGV, 2 do
  local task, start = ARGV[i], ARGV[i + 1]
  local noted = redis.call('HGET', KEYS[1], task)
  local counted, isKnown = 0, false
  for word in string.gmatch(noted or '', '%S+') do
    if string.sub(word, 1, 1) == '+' then counted = counted + 1 end
    if string.sub(word, 2) == start then isKnown = true end
  end
  if not isKnown and counted < ${MOST_STARTS} and redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1 then
    redis.call('HSET', KEYS[1], task, noted and noted .. ' +' .. start or '+' .. start)
  end
end
`,
  'also when Redis is full',
);

/** In Lua, for a task that comes back to Tasker: what was started before counts no more. */
export const FORGIVE_STARTS = `
local function forgiveStarts(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task)
  if not noted then return end
  local words = {}
  for word in string.gmatch(noted, '%S+') do
    if string.sub(word, 1, 1) ~= '!' then words[#words + 1] = '-' .. string.sub(word, 2) end
  end
  while #words > ${MOST_FORGIVEN} do table.remove(words, 1) end
  redis.call('HSET', '${STARTS_KEY}', task, table.concat(words, ' '))
end
`;

/** In Lua, for a dead letter. */
export const MARK_DEAD = `
local function markDead(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task) or ''
  redis.call('HSET', '${STARTS_KEY}', task, '!@' .. redis.call('TIME')[1] .. ' ' .. noted)
end
`;

/**
 * Forgets a task that is out no more when no worker has a running entry of it: until then that is seen again and again.
 * KEYS starts, hash of the task, running entries ... ARGV task.
 */
const FORGET = new RedisScript<0 | 1>(
  `
for i = 2, #KEYS do if redis.call('EXISTS', KEYS[i]) == 1 then return 0 end end
return redis.call('HDEL', KEYS[1], ARGV[1])
`,
  'also when Redis is full',
);

/** How often the tasks that workers have, or had, were begun. Holds nothing of tasks that no worker has begun. */
export class StartStore extends Store {
  readonly #known = new Set<string>();

  /** Notes what these running entries say. */
  async note(keys: readonly string[]): Promise<void> {
    const seen = (await startsIn(this.redis, keys)).map(({ task, worker, at }) => [task, `${worker}@${at}`]);
    const fresh = seen.filter((start) => !this.#known.has(start.join(' ')));
    for (const page of pages(fresh, PAGE)) {
      await NOTE.run(this.redis, [STARTS_KEY], page.flat());
      for (const start of page) this.#known.add(start.join(' '));
    }
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
  }

  /** By task. */
  async all(): Promise<Map<string, Started>> {
    const noted = Object.entries(await this.redis.hgetall(STARTS_KEY));
    return new Map(noted.map(([task, text]) => [task, startedOf(text)]));
  }

  /**
   * Forgets what no worker has or had any more.
   * @param gone the dead letters that RabbitMQ cannot give back any more; others are kept for an hour
   */
  async sweep(gone: ReadonlySet<string> = new Set()): Promise<void> {
    const nowS = timeOf(await this.redis.time()) / 1_000;
    for (const [task, text] of Object.entries(await this.redis.hgetall(STARTS_KEY))) {
      const words = wordsOf(text);
      const dead = words.find(isMark);
      if (dead !== undefined && !gone.has(task) && nowS - startOf(dead).at < LONGEST_DEAD_S) continue;
      const hosts = new Set(words.filter((word) => !isMark(word)).map((word) => startOf(word).worker));
      const entries = [...hosts].map((host) => workerKeys.running(task, host));
      await FORGET.run(this.redis, [STARTS_KEY, workerKeys.task(task), ...entries], [task]);
    }
  }
}

const wordsOf = (text: string) => text.split(' ').filter((word) => word !== '');

const isMark = (word: string) => word.startsWith('!');

function startedOf(text: string): Started {
  const words = wordsOf(text);
  return { starts: words.filter((word) => word.startsWith('+')).map(startOf), isDead: words.some(isMark) };
}

function startOf(word: string): Start {
  const at = word.lastIndexOf('@');
  return { worker: word.slice(1, at), at: Number(word.slice(at + 1)) };
}
