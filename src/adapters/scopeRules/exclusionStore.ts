import type { Redis } from 'ioredis';
import type { User } from '../../model/submission.ts';
import type { AuditNote } from '../audit/entry.ts';
import { INSTALLATION_RULES_KEY, projectKeys, RULES_TO_APPLY_KEY } from '../redis/keys.ts';
import { memoryOf } from '../redis/pipeline.ts';
import { readAtOnce } from '../redis/readAtOnce.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { timeOf } from '../redis/sharedClock.ts';
import { OPEN_RECEIPT, type Receipt } from './receiptStore.ts';

/** What a project leaves out of every scan: one entry in any notation, a name, or `*.domain`. */
export interface Exclusion {
  /** As typed. */
  entry: string;
  /** `admin` is missing in what was kept before anybody asked for it. */
  by: User & { admin?: boolean };
  /** ISO 8601. */
  at: string;
  why: string;
  /** ISO 8601; from then on it no longer counts. null: for good. */
  until: string | null;
  /** Whoever made it: only an admin ends or changes it. */
  locked?: boolean;
  /** Those that one request added share it: it names their receipt. Missing in what was added before there were any. */
  id?: string;
  /** What it is about and ran when it was added goes on. */
  running?: 'finish';
}

/** Nothing was written when the list would be too long (`full`), or is another one by now (`changed`). */
type Written = 'done' | 'full' | 'changed';

/** Exclusions end at multiples of this. */
export const END_STEP_MS = 10_000;

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

/** In the place of a project. */
const EVERY_PROJECT = '*';

/** KEYS rules to apply, hash of the installation's rules. ARGV hash. */
const INSTALLATION_IS = new RedisScript<null>(
  `
local before = redis.call('GET', KEYS[2])
if before == ARGV[1] then return end
redis.call('SET', KEYS[2], ARGV[1])
-- Of an installation that is new nothing is out.
if before then redis.call('HSET', KEYS[1], '${EVERY_PROJECT}', ARGV[1]) end
`,
  'also when Redis is full',
);

/** KEYS rules to apply. ARGV project, version. */
const APPLY_AGAIN = new RedisScript<number>(
  `return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])`,
  'also when Redis is full',
);

/** KEYS rules to apply. ARGV project, version. */
const APPLIED = new RedisScript<null>(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
`);

export interface ListedExclusions {
  version: string;
  exclusions: Map<string, Exclusion>;
  /** Epoch milliseconds by the clock of Redis: one for all processes, so that none ends an exclusion early. */
  nowMs: number;
}

/** Whether its time is not over. */
export function counts({ until }: Exclusion, nowMs: number): boolean {
  return nowMs < endOf(until);
}

/**
 * When an exclusion ends, in epoch milliseconds: with the step that has begun by then. So rules that end one after the
 * other do not make new ones for all who use them at each end.
 */
export function endOf(until: string | null): number {
  return until === null ? Number.POSITIVE_INFINITY : Math.ceil(Date.parse(until) / END_STEP_MS) * END_STEP_MS;
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

  /** The rules of the installation have this hash by now; when it is another one, they are to be applied to what is out. */
  async installationIs(hash: string): Promise<void> {
    await INSTALLATION_IS.run(this.#redis, [RULES_TO_APPLY_KEY, INSTALLATION_RULES_KEY], [hash]);
  }

  /** Of which projects new exclusions are to be applied to what is out; `project` undefined: of all. */
  async toApply(): Promise<{ project: string | undefined; version: string }[]> {
    return Object.entries(await this.#redis.hgetall(RULES_TO_APPLY_KEY)).map(([project, version]) => {
      return { project: project === EVERY_PROJECT ? undefined : project, version };
    });
  }

  /** Has them applied to what is out of the project once more. */
  async applyAgain(project: string): Promise<void> {
    await APPLY_AGAIN.run(this.#redis, [RULES_TO_APPLY_KEY], [project, await this.version(project)]);
  }

  /** Unless there are newer ones. */
  async applied(project = EVERY_PROJECT, version = ''): Promise<void> {
    await APPLIED.run(this.#redis, [RULES_TO_APPLY_KEY], [project, version]);
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
