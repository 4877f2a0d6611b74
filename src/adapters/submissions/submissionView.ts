import type { RefusalReason } from '../../model/refusal.ts';
import type {
  InvalidEntries,
  LaterExclusions,
  Progress,
  RefusedRow,
  StageName,
  SubmissionOptions,
} from '../../model/submission.ts';
import type { AddressSet } from '../../targets/sets/addressSet.ts';
import { decode } from '../../targets/sets/addressSetCodec.ts';
import { readHostnames } from '../dispatch/hostnameLists.ts';
import { readAllLines, readChunked, readLines } from '../redis/chunkedValue.ts';
import { submissionKeys } from '../redis/keys.ts';
import { memoryOf, repliesOf } from '../redis/pipeline.ts';
import { hashOf, readAtOnce } from '../redis/readAtOnce.ts';
import { Store } from '../redis/store.ts';
import { refusedSets } from './decisionStore.ts';
import { RETENTION_S } from './endScripts.ts';
import { factsOf, type SubmissionFacts } from './facts.ts';
import { readObstacles } from './obstacles.ts';
import { type Expansion, progressOf } from './progress.ts';

/** What a streamed answer is written from. */
export interface Outcome {
  accepted: AddressSet;
  refused: { reason: RefusalReason; set: AddressSet }[];
  /** formatted address -> its host names, sorted, as a JSON list; see {@link namesIn} */
  hostnames: ReadonlyMap<string, string>;
  /** Names that did not resolve, as they were listed. */
  unresolvable: string[];
  /** The distinct entries as typed, some lines at a time; see placedEntries.ts. */
  entries: () => AsyncIterable<string>;
  /** Whether the network and broadcast address of IPv4 networks count. Absent: no. */
  networkAndBroadcast?: boolean;
  /** Entries that were skipped; absent when there are none. */
  invalid?: InvalidEntries;
  /** How many each rule refused. */
  refusedRows: RefusedRow[];
}

type Told = 'options' | 'plan' | 'plannedAt' | 'firstSentAt' | 'endedAt';

/** What is known of a submission beside its progress. */
export interface SubmissionRecord extends Pick<SubmissionFacts, Told>, Pick<Expansion, 'chunks'> {
  progress: Progress;
  /** What the request itself left out. */
  exclude: string[];
  /** What was taken out later. */
  takenOut: LaterExclusions[];
  /** How many each rule refused; none while that is not known. */
  refusedRows: RefusedRow[];
  /** Whether the targets are reserved. */
  reserved: boolean;
  /** Stages with a job that gave up. */
  failed: StageName[];
}

/** Reads what is kept of a submission, for answers. */
export class SubmissionView extends Store {
  async progress(id: string): Promise<Progress | undefined> {
    return (await this.progressOfAll([id])).get(id);
  }

  /** By id; those of which nothing is kept are missing. */
  async progressOfAll(ids: readonly string[]): Promise<Map<string, Progress>> {
    const [known, obstacles] = await Promise.all([this.#kept(ids), readObstacles(this.redis, ids)]);
    return new Map(known.map(({ facts, ...rest }) => [facts.id, progressOf(facts, rest, obstacles)]));
  }

  /** All of one moment; those of which nothing is kept are missing. */
  async #kept(ids: readonly string[]): Promise<(Expansion & { facts: SubmissionFacts })[]> {
    const commands = ids.map(submissionKeys).flatMap(({ facts, expanded, names, resolved }) => [
      ['HGETALL', facts],
      ['EXISTS', expanded],
      ['HLEN', names],
      ['HLEN', resolved],
    ]);
    const replies = await readAtOnce(this.redis, commands);
    return ids.flatMap((id, index) => {
      const own = replies.slice(4 * index, 4 * index + 4) as [string[], number, number, number];
      const [flat, expanded, total, done] = own;
      const hash = hashOf(flat);
      if (hash.project === undefined) return [];
      return [{ facts: factsOf(id, hash), expanded: expanded === 1, chunks: { done, total } }];
    });
  }

  /** By id, in how many chunks its names are looked up. */
  async chunksOf(ids: readonly string[]): Promise<Map<string, number>> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hlen(submissionKeys(id).names);
    const chunks = repliesOf<number>(await pipeline.exec());
    return new Map(ids.map((id, index) => [id, chunks[index] ?? 0]));
  }

  /** By id, how many targets of it are not tracked: what dedup reserved, or as long as it plans what intake expects. */
  async waitingOf(ids: readonly string[]): Promise<Map<string, number>> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hmget(submissionKeys(id).facts, 'total', 'tracked', 'expected', 'again');
    const numbers = repliesOf<(string | null)[]>(await pipeline.exec());
    return new Map(
      ids.map((id, index) => {
        const [total = null, tracked, expected, again] = numbers[index] ?? [];
        const waiting = Number(total) - Number(tracked ?? 0) + Number(again ?? 0);
        return [id, total === null ? Number(expected ?? 0) : waiting];
      }),
    );
  }

  /** How many tasks of each of these are tracked, and how many sent: the others are on their way. */
  async underWay(ids: readonly string[]): Promise<{ tracked: number[]; sent: number[] }> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hmget(submissionKeys(id).facts, 'tracked', 'sent');
    const numbers = repliesOf<(string | null)[]>(await pipeline.exec());
    return {
      tracked: numbers.map(([tracked]) => Number(tracked ?? 0)),
      sent: numbers.map(([, sent]) => Number(sent ?? 0)),
    };
  }

  /** Until when each of them is kept, in epoch milliseconds; undefined: it has not ended. */
  async endsOf(ids: readonly string[]): Promise<(number | undefined)[]> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hget(submissionKeys(id).facts, 'ended_at');
    const ended = repliesOf<string | null>(await pipeline.exec());
    return ended.map((at) => (at === null ? undefined : Date.parse(at) + RETENTION_S * 1_000));
  }

  async record(id: string): Promise<SubmissionRecord | undefined> {
    const [[kept], obstacles, exclude, later, rows] = await Promise.all([
      this.#kept([id]),
      readObstacles(this.redis, [id]),
      this.redis.get(submissionKeys(id).exclude),
      this.redis.get(submissionKeys(id).later),
      this.redis.get(submissionKeys(id).refusedRows),
    ]);
    if (kept === undefined) return undefined;
    const { facts, ...rest } = kept;
    return {
      ...facts,
      progress: progressOf(facts, rest, obstacles),
      exclude: JSON.parse(exclude ?? '[]') as string[],
      takenOut: JSON.parse(later ?? '[]') as LaterExclusions[],
      refusedRows: JSON.parse(rows ?? '[]') as RefusedRow[],
      reserved: facts.total !== undefined,
      chunks: rest.chunks,
      failed: (obstacles.failed.get(id) ?? []).map(({ stage }) => stage),
    };
  }

  /** Whether the network and broadcast address of IPv4 networks count. */
  async networkAndBroadcast(id: string): Promise<boolean> {
    const options = await this.redis.hget(submissionKeys(id).facts, 'options');
    return (JSON.parse(options ?? '{}') as Partial<SubmissionOptions>).include_network_and_broadcast === true;
  }

  /** What Redis holds of what the answers about these submissions are made from, in bytes. */
  async bytesKept(ids: readonly string[]): Promise<number> {
    const keys = ids.map(submissionKeys).flatMap((of) => {
      return [of.entries, of.accepted, of.refused, of.hostnames, of.unresolvable, of.expanded, of.resolved];
    });
    return memoryOf(this.redis, keys);
  }

  async outcome(id: string): Promise<Outcome | undefined> {
    const keys = submissionKeys(id);
    const pipeline = this.redis
      .pipeline()
      .hgetall(keys.facts)
      .hgetall(keys.refused)
      .get(keys.invalid)
      .get(keys.refusedRows);
    type Texts = Record<string, string>;
    type Replies = [Texts, Texts, string | null, string | null];
    const [accepted, unresolvable, replies] = await Promise.all([
      readChunked(this.redis, keys.accepted),
      readAllLines(this.redis, keys.unresolvable),
      pipeline.exec(),
    ]);
    if (accepted === '') return undefined;
    const [hash, refused, invalid, rows] = repliesOf<unknown>(replies) as Replies;
    const facts = factsOf(id, hash);
    return {
      accepted: decode(accepted),
      refused: refusedSets(refused),
      hostnames: await readHostnames(this.redis, facts),
      unresolvable,
      entries: () => readLines(this.redis, keys.entries),
      networkAndBroadcast: facts.options.include_network_and_broadcast === true,
      refusedRows: JSON.parse(rows ?? '[]') as RefusedRow[],
      ...(invalid !== null && { invalid: JSON.parse(invalid) as InvalidEntries }),
    };
  }
}
