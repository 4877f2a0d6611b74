import type { LaterExclusions, PlanRules, ResolvedName, Warning } from '../../model/submission.ts';
import { PermanentError } from '../../runtime/errors.ts';
import { namesIn } from '../../targets/hostnameBuckets.ts';
import type { LookupEnds } from '../../targets/mergeNames.ts';
import { encodeResolved } from '../../targets/resolutionCodec.ts';
import { EMPTY, encode } from '../../targets/sets/addressSet.ts';
import { type HostnamesOwner, readHostnames, writeHostnames } from '../dispatch/hostnameLists.ts';
import { readBytes, readChunked, readLines, writeChunked } from '../redis/chunkedValue.ts';
import { EVERY_NAME, submissionKeys } from '../redis/keys.ts';
import { pages, repliesOf } from '../redis/pipeline.ts';
import { readFields } from '../redis/readAtOnce.ts';
import { RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';

/** Of a submission that was planned by a version that kept its rules in another way. */
const KEPT_OTHERWISE: PlanRules = { shared: { installation: 'unknown' }, request: [], excluded: [] };

/** Chunks of names read or written at once: some hundred kilobytes of text. There may be thousands. */
const CHUNKS_AT_ONCE = 20;

/** Twice is once. KEYS more addresses. ARGV chunk, how many. Returns the total. */
const COUNT_MORE = new RedisScript<number>(`
local before = redis.call('HGET', KEYS[1], ARGV[1]) or 0
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HINCRBY', KEYS[1], 'total', ARGV[2] - before)
`);

/** What the planning stages hand to each other. Every method may run twice and leaves the same state. */
export class PlanStore extends Store {
  /** Ends the time limit of a submission that waits: from here on it stays until it ends. */
  async begun(id: string): Promise<void> {
    const keys = submissionKeys(id);
    const pipeline = this.redis.pipeline();
    for (const key of [keys.facts, keys.entries, keys.invalid, keys.exclude, keys.later, keys.warnings])
      pipeline.persist(key);
    repliesOf(await pipeline.exec());
  }

  /** The distinct entries, some lines at a time; see placedEntries.ts. */
  entries(id: string): AsyncIterable<string> {
    return readLines(this.redis, submissionKeys(id).entries);
  }

  /** The same as they stand there, in UTF-8. */
  entryBytes(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return readBytes(this.redis, submissionKeys(id).entries);
  }

  /**
   * @param set in the text form of addressSetCodec.ts
   * @param chunks names, each a JSON list
   */
  async saveExpansion(id: string, set: string, chunks: readonly string[]): Promise<void> {
    const keys = submissionKeys(id);
    await writeChunked(this.redis, keys.expanded, set);
    for (const some of pages([...chunks.entries()], CHUNKS_AT_ONCE))
      await this.redis.hset(keys.names, ...some.flat());
  }

  async names(id: string, chunk: number): Promise<string[]> {
    return JSON.parse((await this.redis.hget(submissionKeys(id).names, String(chunk))) ?? '[]') as string[];
  }

  async saveResolved(id: string, chunk: number, resolved: readonly ResolvedName[]): Promise<void> {
    await this.redis.hset(submissionKeys(id).resolved, chunk, encodeResolved(resolved));
  }

  /** Notes how many addresses the names of a chunk have beside one for each, and gives how many all chunks have. */
  async countMoreAddresses(id: string, chunk: number, more: number): Promise<number> {
    return COUNT_MORE.run(this.redis, [submissionKeys(id).moreAddresses], [chunk, more]);
  }

  /** The text of the set that the entries other than names stand for. */
  async expanded(id: string): Promise<string> {
    return (await readChunked(this.redis, submissionKeys(id).expanded)) || NO_SET;
  }

  /**
   * What expand and resolve found: the text of the set that the entries other than names stand for, and what the names
   * came to, chunk by chunk (resolutionCodec.ts). `missing`: chunks of names that no resolve job wrote.
   *
   * @throws the signal's reason when it is aborted
   */
  async found(id: string, signal?: AbortSignal): Promise<Found & { missing: number }> {
    const keys = submissionKeys(id);
    const [expanded, count] = await Promise.all([this.expanded(id), this.redis.hlen(keys.names)]);
    const chunks = Array.from({ length: count }, (_, chunk) => String(chunk));
    const resolved: string[] = [];
    for (const some of pages(chunks, CHUNKS_AT_ONCE)) {
      signal?.throwIfAborted();
      resolved.push(...(await readFields(this.redis, keys.resolved, some)).values());
    }
    return { expanded, resolved, missing: count - resolved.length };
  }

  /** What the request itself excludes. */
  async exclude(id: string): Promise<string[]> {
    return JSON.parse((await this.redis.get(submissionKeys(id).exclude)) ?? '[]') as string[];
  }

  /** What was taken out of it later. */
  async later(id: string): Promise<LaterExclusions[]> {
    return JSON.parse((await this.redis.get(submissionKeys(id).later)) ?? '[]') as LaterExclusions[];
  }

  /** What intake noticed, and what the look-up of the names added. */
  async warnings(id: string): Promise<Warning[]> {
    const hash = await this.redis.hgetall(submissionKeys(id).warnings);
    return Object.values(hash).flatMap((text) => JSON.parse(text) as Warning[]);
  }

  /** @param source whoever found them; a second time it replaces the first */
  async saveWarnings(id: string, source: string, warnings: readonly Warning[]): Promise<void> {
    if (warnings.length > 0)
      await this.redis.hset(submissionKeys(id).warnings, source, JSON.stringify(warnings));
  }

  async saveRules(id: string, rules: PlanRules): Promise<void> {
    await this.redis.set(submissionKeys(id).rules, JSON.stringify(rules));
  }

  async rules(id: string): Promise<PlanRules> {
    const rules = await this.rulesIfKnown(id);
    if (rules === undefined)
      throw new PermanentError(
        `the scope rules of submission ${id} are gone: stop the scan and send it again`,
      );
    return rules;
  }

  /** undefined: it is not planned yet, or nothing is kept of it any more. */
  async rulesIfKnown(id: string): Promise<PlanRules | undefined> {
    const text = await this.redis.get(submissionKeys(id).rules);
    return text === null ? undefined : { ...KEPT_OTHERWISE, ...(JSON.parse(text) as Partial<PlanRules>) };
  }

  async saveNames(id: string, found: FoundNames): Promise<void> {
    const keys = submissionKeys(id);
    await writeHostnames(this.redis, id, found.hostnames);
    if (found.unresolvable !== '') await writeChunked(this.redis, keys.unresolvable, found.unresolvable);
    const { all, later } = found.lookups;
    const lookups = Number.isFinite(all) ? [[EVERY_NAME, all] as const, ...later] : [];
    for (const page of pages(lookups))
      await this.redis.hset(
        keys.lookups,
        ...page.flatMap(([name, until]) => [name, JSON.stringify({ until })]),
      );
  }

  /** formatted address -> its host names, of all addresses that have some */
  async hostnames(of: HostnamesOwner): Promise<Map<string, string[]>> {
    const texts = await readHostnames(this.redis, of);
    return new Map([...texts].map(([address, text]) => [address, namesIn(text)]));
  }
}

/** What expand and resolve found; see {@link PlanStore.found}. */
export interface Found {
  expanded: string;
  resolved: string[];
}

/** What is kept of the names for the publish jobs and the answer. */
interface FoundNames {
  /** See hostnameBuckets.ts. */
  hostnames: ReadonlyMap<string, string>;
  /** One a line. */
  unresolvable: string;
  lookups: LookupEnds;
}

const NO_SET = encode(EMPTY);
