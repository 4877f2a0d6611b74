import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import pTimeout from 'p-timeout';
import { dnsCacheKeys } from '../redis/keys.ts';
import { pages } from '../redis/pipeline.ts';
import { RedisScript } from '../redis/script.ts';

/** What DNS said, shared by all processes. It helps or does nothing: whatever goes wrong with it is a miss. */
export interface DnsCache {
  /** The values of those keys that are there; no key has a line end. Never throws. */
  read(keys: readonly string[]): Promise<Map<string, string>>;
  /** Values by their keys. A value says itself for how long it is good. Never throws. */
  write(values: ReadonlyMap<string, string>): Promise<void>;
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

/**
 * Only what is there travels: HMGET of thousands of names that are not would cost some of the time of their look-ups.
 * Key, value, key, value ...; the young hash last, because of two values its one counts.
 */
const READ = new RedisScript<unknown>(`
local names, found = {}, {}
for name in string.gmatch(ARGV[1], '[^\\n]+') do names[#names + 1] = name end
for _, hash in ipairs({KEYS[2], KEYS[1]}) do
  for i, value in ipairs(redis.call('HMGET', hash, unpack(names))) do
    if value then
      found[#found + 1] = names[i]
      found[#found + 1] = value
    end
  end
end
return found
`);

export function createDnsCache(
  redis: Redis,
  { servers = [], maxEntries = 200_000, maxBytes = 2 ** 27 }: DnsCacheOptions = {},
): DnsCache {
  const { young, old } = dnsCacheKeys(createHash('sha256').update(servers.join()).digest('hex').slice(0, 12));
  const bounds = [Math.max(1, Math.floor(maxEntries / 2)), LIFE_S, maxBytes / 2];
  /** What the commands give; undefined when Redis is away, or too slow to be of use. */
  const patiently = async <T>(commands: () => Promise<T>[]): Promise<T[] | undefined> => {
    if (redis.status !== 'ready') return undefined;
    const replies = Promise.all(commands());
    return pTimeout(replies, { milliseconds: PATIENCE_MS, message: false }).catch(() => undefined);
  };
  return {
    async read(keys) {
      const found = new Map<string, string>();
      const replies = await patiently(() =>
        [...pages(keys, NAMES_PER_READ)].map((page) => READ.run(redis, [young, old], [page.join('\n')])),
      );
      for (const reply of replies ?? []) {
        if (!Array.isArray(reply)) continue;
        for (let i = 0; i + 1 < reply.length; i += 2) found.set(String(reply[i]), String(reply[i + 1]));
      }
      return found;
    },
    async write(values) {
      const kept = [...values].filter(([, value]) => value.length <= MAX_ENTRY_CHARACTERS);
      await patiently(() =>
        [...pages(kept, ENTRIES_PER_WRITE)].flatMap((page): Promise<unknown>[] => [
          redis.hset(young, ...page.flat()),
          ROTATE.run(redis, [young, old], bounds),
        ]),
      );
    },
  };
}
