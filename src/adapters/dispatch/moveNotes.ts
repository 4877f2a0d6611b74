/** Where tasks went whose name does not lead to the planned address any more; see jobs/moves.ts. */
import type { Redis } from 'ioredis';
import { submissionKeys } from '../redis/keys.ts';
import { RedisScript } from '../redis/script.ts';

/** What moves have made of one address of a submission. */
export interface MoveNote {
  /** Of an address that gets tasks in the place of another one: that one, and which parts of its ports. */
  from?: string;
  parts?: readonly number[];
  /** Names that lead to it without being planned for it, and have no other task: it must not be dropped for lack of names. */
  names?: readonly string[];
  /** Of a planned address: the parts whose tasks were dropped because no name led to it. */
  gone?: readonly number[];
  /** Of a planned address: where the tasks of its names went. */
  to?: Readonly<Record<string, string>>;
}

/** An address that gets tasks in the place of another one. */
export interface Move {
  from: string;
  parts: readonly number[];
  names: readonly string[];
}

/**
 * Writes notes if all of them are still what was read: two batches never take the same address.
 * KEYS facts, moved. ARGV address, what was read or '', the new note, ...
 * Returns 1, or 0 when somebody else was faster. Of a stopped submission nothing is written: nothing of it is sent.
 */
const CHANGE = new RedisScript<number>(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'stopped' then return 1 end
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[2], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 1, #ARGV, 3 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2]) end
return 1
`);

/** By address, as they are kept: what {@link changeMoveNotes} compares with. */
export async function readMoveNotes(
  redis: Redis,
  id: string,
  ips: readonly string[],
): Promise<Map<string, string>> {
  const notes = new Map<string, string>();
  if (ips.length === 0) return notes;
  const texts = await redis.hmget(submissionKeys(id).moved, ...ips);
  for (const [index, ip] of ips.entries()) {
    const text = texts[index];
    if (text) notes.set(ip, text);
  }
  return notes;
}

/** False: one of them has changed since it was read, and nothing was written. */
export async function changeMoveNotes(
  redis: Redis,
  id: string,
  read: ReadonlyMap<string, string>,
  changes: ReadonlyMap<string, MoveNote>,
): Promise<boolean> {
  if (changes.size === 0) return true;
  const { facts, moved } = submissionKeys(id);
  const args = [...changes].flatMap(([ip, note]) => [ip, read.get(ip) ?? '', JSON.stringify(note)]);
  return (await CHANGE.run(redis, [facts, moved], args)) === 1;
}

export function parseMoveNote(text: string | undefined): MoveNote {
  return text === undefined ? {} : (JSON.parse(text) as MoveNote);
}

/** undefined: the address gets no task in the place of another one. */
export function moveOf({ from, parts = [], names = [] }: MoveNote): Move | undefined {
  return from === undefined ? undefined : { from, parts, names };
}
