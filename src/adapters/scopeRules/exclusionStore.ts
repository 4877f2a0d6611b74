import type { Redis } from 'ioredis';
import type { AuditNote } from '../audit/entry.ts';
import { projectKeys, RULES_TO_APPLY_KEY } from '../redis/keys.ts';
import { memoryOf } from '../redis/pipeline.ts';
import { readAtOnce } from '../redis/readAtOnce.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import type { Exclusion } from './exclusion.ts';
import { OPEN_RECEIPT, type Receipt } from './receiptStore.ts';

/** Nothing was written when the list would be too long (`full`), or is another one by now (`changed`). */
type Written = 'done' | 'full' | 'changed';

/** Entries of one project unless it is said otherwise. All of them are read for each change of the rules. */
export const MOST_EXCLUSIONS = 20_000;

/**
 * Changes the list in one step, so that two changes at once keep what both of them brought. Also while Redis is full:
 * nothing must be scanned because its exclusion found no room.
 * KEYS exclusions, version, receipts. ARGV {project, how: 'replace' or 'change', most entries (0: any number), the version
 * that they must have or '' for any, remove: normal forms, put: normal form -> JSON, receipt: {id, text} of what is put,
 * absent for none}.
 * Returns those that were removed, 'full' when there would be too many, 'changed' when they have another version.
 */
const CHANGE = new RedisScript<string[] | 'full' | 'changed'>(
  `${OPEN_RECEIPT}
local exclusions, version, receipts = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local replaces, most = given.how == 'replace', tonumber(given.most)
if given.version ~= '' and (redis.call('GET', version) or '0') ~= given.version then return 'changed' end
local before = redis.call('HLEN', exclusions)
local count, removed = replaces and 0 or before, {}
for normal in pairs(given.put) do
  if replaces or redis.call('HEXISTS', exclusions, normal) == 0 then count = count + 1 end
end
-- Where there are more than there may be by now, whoever makes them fewer is not in the way.
if most > 0 and count > most and count > before then return 'full' end
if replaces then redis.call('DEL', exclusions) end
for _, normal in ipairs(given.remove) do
  if redis.call('HDEL', exclusions, normal) == 1 then removed[#removed + 1] = normal end
end
for normal, text in pairs(given.put) do redis.call('HSET', exclusions, normal, text) end
local now = redis.call('INCR', version)
if next(given.put) then redis.call('HSET', '${RULES_TO_APPLY_KEY}', given.project, now) end
if given.receipt then openReceipt(receipts, given.project, given.receipt) end
return removed
`,
  'also when Redis is full',
);

export interface ListedExclusions {
  version: string;
  exclusions: Map<string, Exclusion>;
  /** Epoch milliseconds by the clock of Redis: one for all processes, so that none ends an exclusion early. */
  nowMs: number;
}

/** Normal form, JSON, ... */
function parsed(flat: readonly string[]): Map<string, Exclusion> {
  const exclusions = new Map<string, Exclusion>();
  for (let i = 0; i < flat.length; i += 2) {
    exclusions.set(flat[i] ?? '', JSON.parse(flat[i + 1] ?? '') as Exclusion);
  }
  return new Map([...exclusions].sort(oldestFirst));
}

function oldestFirst([a, { at: atA }]: [string, Exclusion], [b, { at: atB }]: [string, Exclusion]): number {
  if (atA !== atB) return atA < atB ? -1 : 1;
  return a < b ? -1 : 1;
}

/** The exclusions of projects. Each is kept under its normal form, so that no spelling is there twice. */
export class ExclusionStore {
  readonly #redis: Redis;
  readonly #most: number;

  constructor(redis: Redis, most = MOST_EXCLUSIONS) {
    this.#redis = redis;
    this.#most = most;
  }

  /** Grows with every change. */
  async version(project: string): Promise<string> {
    return (await this.#redis.get(projectKeys(project).exclusionsVersion)) ?? '0';
  }

  /** All of them, also those whose time is over; by their normal form, oldest first. */
  async all(project: string): Promise<ListedExclusions> {
    const keys = projectKeys(project);
    const [version, flat, time] = (await readAtOnce(this.#redis, [
      ['GET', keys.exclusionsVersion],
      ['HGETALL', keys.exclusions],
      ['TIME'],
    ])) as [string | null, string[], [string, string]];
    return { version: version ?? '0', exclusions: parsed(flat), nowMs: timeOf(time) };
  }

  /** What Redis keeps of them, in bytes. */
  async bytesKept(project: string): Promise<number> {
    return memoryOf(this.#redis, [projectKeys(project).exclusions]);
  }

  /**
   * Adds these, or writes them anew.
   *
   * @param version of the list that the caller has looked at; '' for any. So with the other changes
   * @param receipt of those that are put
   */
  async add(
    project: string,
    put: Exclusions,
    version = '',
    note?: AuditNote,
    receipt?: Receipt,
  ): Promise<Written> {
    return written(await this.#change(project, { how: 'change', version, put, receipt }, note));
  }

  /** These and no others from now on. */
  async replace(
    project: string,
    put: Exclusions,
    version = '',
    note?: AuditNote,
    receipt?: Receipt,
  ): Promise<Written> {
    return written(await this.#change(project, { how: 'replace', version, put, receipt }, note));
  }

  /** Gives the normal forms of those that were there. */
  async remove(
    project: string,
    normals: readonly string[],
    version = '',
    note?: AuditNote,
  ): Promise<string[] | 'changed'> {
    const removed = await this.#change(project, { how: 'change', version, remove: normals }, note);
    return removed === 'full' ? [] : removed;
  }

  #change(
    project: string,
    { remove = [], put = new Map(), receipt, ...rest }: Change,
    note: AuditNote | undefined,
  ) {
    const keys = projectKeys(project);
    const texts = [...put].map(([normal, exclusion]) => [normal, JSON.stringify(exclusion)]);
    const given = {
      ...{ project, ...rest, most: this.#most, remove, put: Object.fromEntries(texts) },
      receipt: receipt && { id: receipt.id, text: JSON.stringify(receipt) },
    };
    const all = [keys.exclusions, keys.exclusionsVersion, keys.receipts];
    return CHANGE.run(this.#redis, all, [namedFields(given)], note);
  }
}

/** By their normal form. */
type Exclusions = ReadonlyMap<string, Exclusion>;

interface Change {
  how: 'replace' | 'change';
  version: string;
  remove?: readonly string[];
  put?: Exclusions;
  receipt?: Receipt | undefined;
}

function written(result: string[] | 'full' | 'changed'): Written {
  return typeof result === 'string' ? result : 'done';
}
