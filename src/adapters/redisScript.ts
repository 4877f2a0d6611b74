import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script that Redis keeps by its digest: the text travels only once. */
export class RedisScript<Reply> {
  readonly #lua: string;
  readonly #digest: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#digest = createHash('sha1').update(lua).digest('hex');
  }

  async run(
    redis: Redis,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<Reply> {
    try {
      return (await redis.evalsha(this.#digest, keys.length, ...keys, ...args)) as Reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await redis.eval(this.#lua, keys.length, ...keys, ...args)) as Reply;
    }
  }
}
