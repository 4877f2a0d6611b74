import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import pTimeout from 'p-timeout';
import { dnsCacheKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';

/** What DNS said, shared by all processes. It helps or does nothing: whatever goes wrong with it is a miss. */
export interface DnsCache {
  /** The values of those keys that are there. Never throws. */
  read(keys: readonly string[]): Promise<Map<string, string>>;
  /** Key, value, key, value ...; no key has a line end. A value says itself for how long it is good. Never throws. */
  write(pairs: readonly string[]): Promise<void>;
}

export interface DnsCacheOptions {
  /** The name servers: what one set of them said is not given for another. @default the system's */
  servers?: readonly string[] | undefined;
  /** Entries that may be kept, give or take one call's. @default 200_000 */
  maxEntries?: number;
  /** Bytes that they may take, as far as Redis guesses it from some of them. @default 128 MB */
  maxBytes?: number;
}

/** Redis may take this long; names do not wait longer for a cache. */
const PATIENCE_MS = 1_000;
/** A millisecond of Redis' time. */
const NAMES_PER_READ = 2_000;
const ENTRIES_PER_WRITE = 1_000;
/** A name that leads to hundreds of addresses is asked for anew: the few that do must not push out all others. */
const MAX_ENTRY_CHARACTERS = 4_096;
/** After the last write nothing in a hash is good for longer. */
const LIFE_S = 3_600;

/**
 * Writes go to the young hash. Full, it becomes the old one, and the former old one goes, freed beside Redis' own work.
 * So the count is bounded without a key, an expiry or an index for each entry, which would cost as much as the look-up.
 */
const ROTATE = new RedisScript<number>(`
local young, old, limit, life, most = KEYS[1], KEYS[2], tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local bytes = redis.call('MEMORY', 'USAGE', young) or 0
if redis.call('HLEN', young) >= limit or bytes >= most then
  redis.call('UNLINK', old)
  return redis.call('RENAME', young, old)
end
return redis.call('EXPIRE', young, life)
`);

/** Key, value, key, value ... of what is there; the young hash last, because of two values its one counts. */
const READ = new RedisScript<unknown>(`
local names, found = {}, {}
for name in string.gmatch(ARGV[1], '[^\\n]+') do names[#names + 1] = name end
for _, hash in ipairs({KEYS[2], KEYS[1]}) do
  if redis.call('EXISTS', hash) == 1 then
    local values = redis.call('HMGET', hash, unpack(names))
    for i, value in ipairs(values) do
      if value then
        found[#found + 1] = names[i]
        found[#found + 1] = value
      end
    end
  end
end
return found
`);

export function createDnsCache(redis: Redis, options: DnsCacheOptions = {}): DnsCache {
  return new RedisDnsCache(redis, options);
}

class RedisDnsCache implements DnsCache {
  readonly #redis: Redis;
  readonly #keys: { young: string; old: string };
  readonly #maxYoung: number;
  readonly #maxYoungBytes: number;

  constructor(redis: Redis, { servers = [], maxEntries = 200_000, maxBytes = 2 ** 27 }: DnsCacheOptions) {
    this.#redis = redis;
    this.#keys = dnsCacheKeys(createHash('sha256').update(servers.join()).digest('hex').slice(0, 12));
    this.#maxYoung = Math.max(1, Math.floor(maxEntries / 2));
    this.#maxYoungBytes = maxBytes / 2;
  }

  async read(keys: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const replies = await this.#patiently(() =>
      Promise.all([...pages(keys, NAMES_PER_READ)].map((page) => this.#run(READ, [page.join('\n')]))),
    );
    for (const reply of replies ?? []) {
      if (!Array.isArray(reply)) continue;
      for (let i = 0; i + 1 < reply.length; i += 2) {
        const [key, value]: unknown[] = [reply[i], reply[i + 1]];
        if (typeof key === 'string' && typeof value === 'string') found.set(key, value);
      }
    }
    return found;
  }

  async write(pairs: readonly string[]): Promise<void> {
    const kept = pairs.filter(
      (_, i) => (pairs[i % 2 === 0 ? i + 1 : i] ?? '').length <= MAX_ENTRY_CHARACTERS,
    );
    await this.#patiently(() =>
      Promise.all(
        [...pages(kept, 2 * ENTRIES_PER_WRITE)].flatMap((page) => [
          this.#redis.hset(this.#keys.young, ...page),
          this.#run(ROTATE, [this.#maxYoung, LIFE_S, this.#maxYoungBytes]),
        ]),
      ),
    );
  }

  #run<T>(script: RedisScript<T>, args: readonly (string | number)[]): Promise<T> {
    return script.run(this.#redis, [this.#keys.young, this.#keys.old], args);
  }

  /** What the call gives; undefined when Redis is away, or too slow to be of use. */
  async #patiently<T>(call: () => Promise<T>): Promise<T | undefined> {
    if (this.#redis.status !== 'ready') return undefined;
    return pTimeout(call(), { milliseconds: PATIENCE_MS, message: false }).catch(() => undefined);
  }
}
