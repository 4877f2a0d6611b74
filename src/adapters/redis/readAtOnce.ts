import type { Redis } from 'ioredis';
import { RedisScript } from './script.ts';

const READ = new RedisScript<unknown[]>(`
local replies = {}
for i, command in ipairs(cjson.decode(ARGV[1])) do replies[i] = redis.call(unpack(command)) end
return replies
`);

/**
 * The replies to commands that only read, all of one moment. No transaction: Redis refuses every one while it is full,
 * also those that only read. A hash comes as a list, see {@link hashOf}.
 */
export function readAtOnce(redis: Redis, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  return READ.run(redis, [], [JSON.stringify(commands)]);
}

/** Those of these fields of a hash that are there. */
export async function readFields(
  redis: Redis,
  key: string,
  fields: readonly string[],
): Promise<Map<string, string>> {
  const texts = fields.length === 0 ? [] : await redis.hmget(key, ...fields);
  return new Map(
    fields.flatMap((field, index): [string, string][] => {
      const text = texts[index];
      return typeof text === 'string' ? [[field, text]] : [];
    }),
  );
}

/** Field, value, field, value ... */
export function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']);
}

/** The same as an object. */
export function hashOf(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairsOf(flat));
}
