import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { AuditNote } from '../audit/entry.ts';
import { entryArguments, withEntry } from '../audit/script.ts';

/** From Redis 7 on. Such a script writes also where other writes are refused because `maxmemory` is reached. */
export const ALSO_WHEN_FULL = '#!lua flags=allow-oom\n';

/**
 * One argument with named fields, for a script that would take more than five: `local given = cjson.decode(ARGV[1])`.
 * Numbers arrive as text, as all arguments do: Lua writes its own large ones as `1e+15`.
 */
export function namedFields(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(fields, (_, value: unknown) => (typeof value === 'number' ? String(value) : value));
}

/** See {@link withEntry}. */
type NotedReply<Reply> = [reply: Reply, lost: string, outcome: string | null];

/**
 * A Lua script that Redis keeps by its digest: the text travels only once. Its type stands beside its text. A command of
 * ioredis (`defineCommand`) would be a method of every connection, declared apart from it.
 */
export class RedisScript<Reply> {
  readonly #lua: string;
  readonly #digest: string;
  #noted: RedisScript<NotedReply<Reply>> | undefined;

  /** @param when for what keeps something from being scanned, and writes little */
  constructor(lua: string, when?: 'also when Redis is full') {
    this.#lua = when === undefined ? lua : ALSO_WHEN_FULL + lua;
    this.#digest = createHash('sha1').update(this.#lua).digest('hex');
  }

  async run(
    redis: Redis,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
    note?: AuditNote,
  ): Promise<Reply> {
    if (note !== undefined && (note.keep > 0 || note.file)) return this.#runNoted(redis, keys, args, note);
    try {
      return (await redis.evalsha(this.#digest, keys.length, ...keys, ...args)) as Reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return (await redis.eval(this.#lua, keys.length, ...keys, ...args)) as Reply;
    }
  }

  /** Change and entry in one step. */
  async #runNoted(
    redis: Redis,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
    note: AuditNote,
  ): Promise<Reply> {
    this.#noted ??= new RedisScript<NotedReply<Reply>>(withEntry(this.#lua));
    const more = entryArguments(note);
    const [reply, lost, outcome] = await this.#noted.run(
      redis,
      [...keys, ...more.keys],
      [...args, ...more.args],
    );
    if (lost !== '') note.lost(note.entry, lost);
    if (outcome !== null) await note.file?.append(note.entry, outcome);
    return reply;
  }
}
