import type { Redis } from 'ioredis';
import { type AddressSet, decodeInSteps, EMPTY, encodeInSteps } from '../targets/addressSet.ts';
import { inTurns } from '../turns.ts';
import { projectKeys, SUBMISSION_CHANNEL, submissionKeys } from './keys.ts';
import { readLongText } from './longText.ts';
import { pages, repliesOf } from './pipeline.ts';
import type { RefusalReason } from './submission.ts';
import { PLANNED, RESERVE } from './submissionScripts.ts';
import type { SubmissionFacts } from './submissionStore.ts';

/** Chunks of names written at once: their text takes a few milliseconds. */
const CHUNKS_PER_PIPELINE = 20;

/** A name's addresses, or the kind of its failure. */
export type ResolvedName = string[] | string;

/** What dedup decided, to be kept with the reservation. */
export interface Decision {
  accepted: AddressSet;
  total: number;
  canonicalPorts: string;
  resolvedIps: number;
  links: number;
  refusedCounts: Record<RefusalReason, number>;
}

/** What the planning stages hand to each other. Every method may run twice and leaves the same state. */
export class PlanStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The distinct entries, see placedEntries.ts. Reading them also ends the time limit of a submission that waits. */
  async entries(id: string): Promise<string> {
    const keys = submissionKeys(id);
    const pipeline = this.#redis.pipeline();
    for (const key of [keys.facts, keys.entries, keys.invalid]) pipeline.persist(key);
    repliesOf(await pipeline.exec());
    return readLongText(this.#redis, keys.entries);
  }

  /** @param set in the text form of addressSetText.ts */
  async saveExpansion(id: string, set: string, chunks: readonly string[][]): Promise<void> {
    const keys = submissionKeys(id);
    await this.#redis.set(keys.expanded, set);
    for (let start = 0; start < chunks.length; start += CHUNKS_PER_PIPELINE) {
      const pipeline = this.#redis.pipeline();
      for (const [index, names] of chunks.slice(start, start + CHUNKS_PER_PIPELINE).entries())
        pipeline.hset(keys.names, start + index, JSON.stringify(names));
      repliesOf(await pipeline.exec());
    }
  }

  async names(id: string, chunk: number): Promise<string[]> {
    return JSON.parse((await this.#redis.hget(submissionKeys(id).names, String(chunk))) ?? '[]') as string[];
  }

  async saveResolved(id: string, chunk: number, resolved: Record<string, ResolvedName>): Promise<void> {
    await this.#redis.hset(submissionKeys(id).resolved, chunk, JSON.stringify(resolved));
  }

  /** What expand and resolve found. `chunks` says how many resolve jobs wrote. */
  async found(
    id: string,
  ): Promise<{ expanded: AddressSet; resolved: Record<string, ResolvedName>[]; chunks: number }> {
    const keys = submissionKeys(id);
    const pipeline = this.#redis.pipeline().get(keys.expanded).hvals(keys.resolved).hlen(keys.names);
    const [expanded, resolved, chunks] = repliesOf<unknown>(await pipeline.exec()) as [
      string | null,
      string[],
      number,
    ];
    return {
      expanded: expanded === null ? EMPTY : await inTurns(decodeInSteps(expanded)),
      resolved: resolved.map((text) => JSON.parse(text) as Record<string, ResolvedName>),
      chunks,
    };
  }

  async saveNames(
    id: string,
    hostnames: ReadonlyMap<string, string[]>,
    unresolvable: readonly string[],
  ): Promise<void> {
    const keys = submissionKeys(id);
    const pipeline = this.#redis.pipeline();
    if (unresolvable.length > 0) pipeline.set(keys.unresolvable, JSON.stringify(unresolvable));
    for (const page of pages([...hostnames])) {
      pipeline.hset(keys.hostnames, ...page.flatMap(([address, names]) => [address, JSON.stringify(names)]));
    }
    repliesOf(await pipeline.exec());
  }

  async saveRefused(
    id: string,
    refused: readonly { reason: RefusalReason; set: AddressSet }[],
  ): Promise<void> {
    if (refused.length === 0) return;
    const key = submissionKeys(id).refused;
    const fields: string[] = [];
    for (const { reason, set } of refused) fields.push(reason, await inTurns(encodeInSteps(set)));
    await this.#redis
      .multi()
      .del(key)
      .hset(key, ...fields)
      .exec();
  }

  async reserve(
    facts: SubmissionFacts,
    version: string,
    decision: Decision,
  ): Promise<'reserved' | 'again' | 'stopped'> {
    const keys = submissionKeys(facts.id);
    const project = projectKeys(facts.project);
    const fields = {
      resolved_ips: decision.resolvedIps,
      links: decision.links,
      refused: JSON.stringify(decision.refusedCounts),
    };
    return RESERVE.run(
      this.#redis,
      [keys.facts, project.version, project.reservations, keys.accepted],
      [
        facts.id,
        version,
        decision.canonicalPorts,
        await inTurns(encodeInSteps(decision.accepted)),
        decision.total,
        ...Object.entries(fields).flat(),
      ],
    );
  }

  async planned(facts: SubmissionFacts): Promise<'dispatching' | 'stopped'> {
    const keys = submissionKeys(facts.id);
    return PLANNED.run(this.#redis, [keys.facts, facts.inFlightKey], [facts.id, SUBMISSION_CHANNEL]);
  }
}
