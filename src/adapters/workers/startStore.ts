import { STARTS_KEY } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { Store } from '../redis/store.ts';
import { workerKeys } from './keys.ts';
import { startsIn } from './runningEntries.ts';
import { CLEAR, FORGET, NOTE } from './startScripts.ts';

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

/** Starts that a process knows to be noted, before it asks again. */
const MOST_KNOWN = 10_000;
/** Two arguments each; Lua passes on some 8,000 at most. */
const PAGE = 2_000;
/**
 * For so long a dead letter is looked for in the queue, at most, where some worker never says what it has. RabbitMQ misses
 * a worker without power, and gives back what it had, within minutes.
 */
const LONGEST_DEAD_S = 3_600;
/** A worker that is there ends what it is told to within seconds. What it still lists then is of an earlier life. */
const DEAF_S = 180;

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
   * Forgets what is not out any more.
   * @param gone the dead letters that RabbitMQ cannot give back any more; others are kept for an hour
   */
  async sweep(gone: ReadonlySet<string> = new Set()): Promise<void> {
    const nowS = timeOf(await this.redis.time()) / 1_000;
    for (const [task, text] of Object.entries(await this.redis.hgetall(STARTS_KEY))) {
      const words = wordsOf(text);
      const dead = words.find(isDeadMark);
      const deadS = dead === undefined ? 0 : nowS - startOf(dead).at;
      if (dead !== undefined && !gone.has(task) && deadS < LONGEST_DEAD_S) continue;
      const hosts = [...new Set(words.filter(isStart).map((word) => startOf(word).worker))];
      const entries = hosts.map((host) => workerKeys.running(task, host));
      const keys = [STARTS_KEY, workerKeys.task(task)];
      if (deadS > DEAF_S) {
        const lists = hosts.map(workerKeys.tool);
        await CLEAR.run(this.redis, [...keys, ...entries, ...lists], [task, entries.length]);
      } else {
        const mayComeAgain = words.some((word) => !word.startsWith('+'));
        await FORGET.run(this.redis, [...keys, ...(mayComeAgain ? entries : [])], [task]);
      }
    }
  }
}

const wordsOf = (text: string) => text.split(' ').filter((word) => word !== '');
const isDeadMark = (word: string) => word.startsWith('!');
const isStart = (word: string) => word.startsWith('+') || word.startsWith('-');

function startedOf(text: string): Started {
  const words = wordsOf(text);
  return {
    starts: words.filter((word) => word.startsWith('+')).map(startOf),
    isDead: words.some(isDeadMark),
  };
}

function startOf(word: string): Start {
  const at = word.lastIndexOf('@');
  return { worker: word.slice(1, at), at: Number(word.slice(at + 1)) };
}
