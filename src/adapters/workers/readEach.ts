import type { Redis } from 'ioredis';
import { RedisScript } from '../redis/script.ts';

/** In one script, because a command for each key would cost us ten times as much as Redis. */
const READ_EACH = new RedisScript<string[][]>(`
local longest, found = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local reply = redis.pcall(ARGV[2], key, unpack(ARGV, 3))
  local texts = type(reply) == 'table' and reply or {reply}
  if texts.err then texts = {} end
  for n, text in ipairs(texts) do
    if not text or #text > longest then texts[n] = '' end
  end
  found[i] = texts
end
return found
`);

/**
 * What a command gives of each of these keys, which workers write too: the text, or the texts. One that is missing, or
 * longer than so many bytes, is ''; of a key of another type there is none.
 */
export function readEach(
  redis: Redis,
  keys: readonly string[],
  longest: number,
  command: readonly (string | number)[],
): Promise<string[][]> {
  return READ_EACH.run(redis, keys, [longest, ...command]);
}
