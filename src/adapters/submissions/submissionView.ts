import type { RefusalReason } from '../../model/refusal.ts';
import { REFUSAL_REASONS } from '../../model/refusal.ts';
import type {
  InvalidEntries,
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
import { readObstacles } from './obstacles.ts';
import { type Kept, progressOf } from './progress.ts';
import { RETENTION_S } from './scripts.ts';

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

/** What is known of a submission beside its progress. */
export interface SubmissionRecord {
  progress: Progress;
  options: SubmissionOptions;
  /** What the request itself left out. */
  exclude: string[];
  /** The plan that it runs, if it does. */
  plan: string | undefined;
  /** ISO 8601. */
  plannedAt: string | undefined;
  firstSentAt: string | undefined;
  endedAt: string | undefined;
  /** Whether the targets are reserved. */
  reserved: boolean;
  /** Chunks of names, and how many of them are looked up. */
  chunks: { done: number; total: number };
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
    const pipeline = this.redis.pipeline();
    for (const id of ids) {
      const keys = submissionKeys(id);
      pipeline.hgetall(keys.facts).exists(keys.expanded).hlen(keys.names).hlen(keys.resolved);
    }
    const [results, obstacles] = await Promise.all([pipeline.exec(), readObstacles(this.redis, ids)]);
    const replies = repliesOf<unknown>(results);
    const known = new Map<string, Progress>();
    for (const [index, id] of ids.entries()) {
      const kept = keptOf(replies.slice(4 * index, 4 * index + 4) as KeptReplies);
      if (kept.facts.project !== undefined) known.set(id, progressOf(id, kept, obstacles));
    }
    return known;
  }

  /** Until when each of them is kept, in epoch milliseconds; undefined: it has not ended. */
  async endsOf(ids: readonly string[]): Promise<(number | undefined)[]> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hget(submissionKeys(id).facts, 'ended_at');
    const ended = repliesOf<string | null>(await pipeline.exec());
    return ended.map((at) => (at === null ? undefined : Date.parse(at) + RETENTION_S * 1_000));
  }

  async record(id: string): Promise<SubmissionRecord | undefined> {
    const keys = submissionKeys(id);
    const commands = [
      ['HGETALL', keys.facts],
      ['EXISTS', keys.expanded],
      ['HLEN', keys.names],
      ['HLEN', keys.resolved],
      ['GET', keys.exclude],
    ];
    const [replies, obstacles] = await Promise.all([
      readAtOnce(this.redis, commands),
      readObstacles(this.redis, [id]),
    ]);
    const [flat, expanded, names, resolved, exclude] = replies as [
      string[],
      number,
      number,
      number,
      string | null,
    ];
    const kept = keptOf([hashOf(flat), expanded, names, resolved]);
    const { facts, chunks } = kept;
    if (facts.project === undefined) return undefined;
    return {
      progress: progressOf(id, kept, obstacles),
      options: JSON.parse(facts.options ?? '{}') as SubmissionOptions,
      exclude: JSON.parse(exclude ?? '[]') as string[],
      plan: facts.plan,
      plannedAt: facts.planned_at,
      firstSentAt: facts.first_sent_at,
      endedAt: facts.ended_at,
      reserved: facts.total !== undefined,
      chunks,
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
      .hgetall(keys.refused)
      .get(keys.invalid)
      .get(keys.refusedRows)
      .hmget(keys.facts, 'options', 'links');
    type Texts = Record<string, string>;
    type Text = string | null;
    type Replies = [Texts, Text, Text, [Text, Text]];
    const [accepted, unresolvable, replies] = await Promise.all([
      readChunked(this.redis, keys.accepted),
      readAllLines(this.redis, keys.unresolvable),
      pipeline.exec(),
    ]);
    if (accepted === '') return undefined;
    const [refused, invalid, rows, [options, links]] = repliesOf<unknown>(replies) as Replies;
    const { include_network_and_broadcast } = JSON.parse(options ?? '{}') as Partial<SubmissionOptions>;
    return {
      accepted: decode(accepted),
      refused: await refusedSets(refused),
      hostnames: await readHostnames(this.redis, { id, links: Number(links ?? 0) }),
      unresolvable,
      entries: () => readLines(this.redis, keys.entries),
      networkAndBroadcast: include_network_and_broadcast === true,
      refusedRows: JSON.parse(rows ?? '[]') as RefusedRow[],
      ...(invalid !== null && { invalid: JSON.parse(invalid) as InvalidEntries }),
    };
  }
}

type KeptReplies = [facts: Record<string, string>, expanded: number, names: number, resolved: number];

function keptOf([facts, expanded, total, done]: readonly [...KeptReplies, ...unknown[]]): Kept {
  return { facts, expanded: expanded === 1, chunks: { done, total } };
}

async function refusedSets(texts: Readonly<Record<string, string>>): Promise<Outcome['refused']> {
  const refused: Outcome['refused'] = [];
  for (const reason of REFUSAL_REASONS) {
    const text = texts[reason];
    if (text !== undefined) refused.push({ reason, set: decode(text) });
  }
  return refused;
}
