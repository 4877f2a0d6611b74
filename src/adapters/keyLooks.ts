import type { Redis } from 'ioredis';

const SCAN_COUNT = 1_000;
/** A look is used for so many times as long as it took: all of them take a tenth of the time at most. */
const USED_FOR = 10;

/** Keys like this pattern, each once, and so many at most. Looks at every key of the database. */
export async function* keysLike(redis: Redis, pattern: string, most: number): AsyncGenerator<string> {
  const found = new Set<string>();
  const stream = redis.scanStream({ match: pattern, count: SCAN_COUNT });
  for await (const keys of stream as AsyncIterable<string[]>) {
    for (const key of keys) {
      if (found.size >= most) return;
      if (found.has(key)) continue;
      found.add(key);
      yield key;
    }
  }
}

interface Look {
  keys: Promise<string[]>;
  /** By `performance.now()`. */
  goodUntilMs: number;
}

/**
 * Keys by pattern, for those who may miss one that is brand new. A look costs time by the number of all keys, which are
 * millions where a large network is out. So whoever asks shares one: of a small database it is a few milliseconds old.
 */
export class KeyLooks {
  readonly #redis: Redis;
  readonly #looks = new Map<string, Look>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Sorted; so many at most. */
  like(pattern: string, most: number): Promise<readonly string[]> {
    const last = this.#looks.get(pattern);
    if (last !== undefined && performance.now() < last.goodUntilMs) return last.keys;
    const look: Look = { keys: this.#look(pattern, most), goodUntilMs: Number.POSITIVE_INFINITY };
    this.#looks.set(pattern, look);
    const startMs = performance.now();
    look.keys.then(
      () => {
        const tookMs = performance.now() - startMs;
        look.goodUntilMs = startMs + tookMs + USED_FOR * tookMs;
      },
      () => {
        look.goodUntilMs = 0;
      },
    );
    return look.keys;
  }

  async #look(pattern: string, most: number): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of keysLike(this.#redis, pattern, most)) keys.push(key);
    return keys.sort();
  }
}
