import { STARTS_KEY } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';
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

/** Of one task that are noted; beyond them it is a dead letter long since. */
const MOST_STARTS = 10;
/** Starts that a process knows to be noted, before it asks again. */
const MOST_KNOWN = 10_000;
/** Lua passes on some 8,000 arguments at most. */
const PAGE = 2_000;
const DEAD = '!';

/**
 * Notes starts of tasks that are out, each once. A start is `+host@seconds`, or `-host@seconds` when it does not count any
 * more; a host has no blanks. KEYS starts. ARGV task, start without its sign, ...
 */
const NOTE = new RedisScript<null>(
  `
for i = 1, #ARGV, 2 do
  local task, start = ARGV[i], ARGV[i + 1]
  local noted = redis.call('HGET', KEYS[1], task)
  local words, isKnown = 0, false
  for word in string.gmatch(noted or '', '%S+') do
    words = words + 1
    if string.sub(word, 2) == start then isKnown = true end
  end
  if not isKnown and words < ${MOST_STARTS} and redis.call('EXISTS', 'task:' .. task .. ':metadata:nmap') == 1 then
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
    if word ~= '${DEAD}' then words[#words + 1] = '-' .. string.sub(word, 2) end
  end
  redis.call('HSET', '${STARTS_KEY}', task, table.concat(words, ' '))
end
`;

/** In Lua, for a dead letter. */
export const MARK_DEAD = `
local function markDead(task)
  local noted = redis.call('HGET', '${STARTS_KEY}', task) or ''
  redis.call('HSET', '${STARTS_KEY}', task, '${DEAD} ' .. noted)
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
    const fresh: string[] = [];
    for (const { task, worker, at } of await startsIn(this.redis, keys)) {
      const start = `${worker}@${at}`;
      if (this.#known.has(`${task} ${start}`)) continue;
      this.#known.add(`${task} ${start}`);
      fresh.push(task, start);
    }
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    for (const page of pages(fresh, PAGE)) await NOTE.run(this.redis, [STARTS_KEY], page);
  }

  /** By task. */
  async all(): Promise<Map<string, Started>> {
    const noted = Object.entries(await this.redis.hgetall(STARTS_KEY));
    return new Map(noted.map(([task, text]) => [task, startedOf(text)]));
  }

  /** Forgets what no worker has or had any more. */
  async sweep(): Promise<void> {
    for (const [task, text] of Object.entries(await this.redis.hgetall(STARTS_KEY))) {
      const hosts = new Set(wordsOf(text).flatMap((word) => startOf(word)?.worker ?? []));
      const entries = [...hosts].map((host) => workerKeys.running(task, host));
      await FORGET.run(this.redis, [STARTS_KEY, workerKeys.task(task), ...entries], [task]);
    }
  }
}

const wordsOf = (text: string) => text.split(' ').filter((word) => word !== '');

function startedOf(text: string): Started {
  const words = wordsOf(text);
  const starts = words.filter((word) => word.startsWith('+')).flatMap((word) => startOf(word) ?? []);
  return { starts, isDead: words.includes(DEAD) };
}

/** undefined: the mark of a dead letter. */
function startOf(word: string): Start | undefined {
  const at = word.lastIndexOf('@');
  return at < 0 ? undefined : { worker: word.slice(1, at), at: Number(word.slice(at + 1)) };
}
