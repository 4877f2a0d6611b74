import { REFUSAL_REASONS, type RefusalReason } from '../../model/refusal.ts';
import type { RefusedRow } from '../../model/submission.ts';
import { type AddressSet, decode, EMPTY, encode } from '../../targets/sets/addressSet.ts';
import { readSet, writeBeside, writeChunked } from '../redis/chunkedValue.ts';
import { projectKeys, SUBMISSION_CHANNEL, submissionKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import type { SubmissionFacts } from './facts.ts';
import { PLANNED, RESERVE } from './scripts.ts';

/** What dedup decided, to be kept with the reservation. */
export interface Decision {
  accepted: AddressSet;
  /** Addresses in it, and the tasks that they come to. */
  targets: number;
  total: number;
  canonicalPorts: string;
  resolvedIps: number;
  links: number;
  refusedCounts: Record<RefusalReason, number>;
}

/** What a submission comes to: the set that it reserves, and what was refused. Every method may run twice and leaves the same state. */
export class DecisionStore extends Store {
  /** What the plan of this scan came to. */
  async planned(
    id: string,
  ): Promise<{ set: AddressSet; refused: Map<RefusalReason, AddressSet>; rows: RefusedRow[] }> {
    const keys = submissionKeys(id);
    const pipeline = this.redis.pipeline().hgetall(keys.refused).get(keys.refusedRows);
    const [texts, rows] = repliesOf<unknown>(await pipeline.exec()) as [
      Record<string, string>,
      string | null,
    ];
    return {
      set: (await readSet(this.redis, keys.planned)) ?? EMPTY,
      refused: new Map(refusedSets(texts).map(({ reason, set }) => [reason, set])),
      rows: JSON.parse(rows ?? '[]') as RefusedRow[],
    };
  }

  async saveRefused(
    id: string,
    refused: readonly { reason: RefusalReason; set: AddressSet }[],
    rows: readonly RefusedRow[],
  ): Promise<void> {
    const keys = submissionKeys(id);
    const fields: string[] = [];
    for (const { reason, set } of refused) fields.push(reason, encode(set));
    const transaction = this.redis.multi().del(keys.refused).set(keys.refusedRows, JSON.stringify(rows));
    if (fields.length > 0) transaction.hset(keys.refused, ...fields);
    await transaction.exec();
  }

  /** Keeps what a plan came to. It holds nothing, so nobody's reservation is in its way. */
  async keep(facts: SubmissionFacts, decision: Decision): Promise<'kept'> {
    const keys = submissionKeys(facts.id);
    await writeChunked(this.redis, keys.accepted, encode(decision.accepted));
    await this.redis.hset(keys.facts, fieldsOf(decision));
    return 'kept';
  }

  async reserve(
    facts: SubmissionFacts,
    version: string,
    decision: Decision,
  ): Promise<'reserved' | 'again' | 'stopped'> {
    const keys = submissionKeys(facts.id);
    const project = projectKeys(facts.project);
    const accepted = encode(decision.accepted);
    const beside = await writeBeside(this.redis, keys.accepted, accepted);
    return RESERVE.run(
      this.redis,
      [keys.facts, project.version, project.reservations, keys.accepted, beside.key],
      [
        namedFields({
          id: facts.id,
          version,
          ports: decision.canonicalPorts,
          length: beside.length,
          fields: fieldsOf(decision),
        }),
        beside.last,
      ],
    );
  }

  async endPlanning(facts: SubmissionFacts): Promise<'dispatching' | 'stopped'> {
    const keys = submissionKeys(facts.id);
    return PLANNED.run(
      this.redis,
      [keys.facts, facts.inFlightKey],
      [facts.id, SUBMISSION_CHANNEL, new Date().toISOString()],
    );
  }
}

/** What was refused, in the order of the reasons. */
export function refusedSets(
  texts: Readonly<Record<string, string>>,
): { reason: RefusalReason; set: AddressSet }[] {
  return REFUSAL_REASONS.flatMap((reason) => {
    const text = texts[reason];
    return text === undefined ? [] : [{ reason, set: decode(text) }];
  });
}

function fieldsOf({ total, targets, resolvedIps, links, refusedCounts }: Decision) {
  return { total, targets, resolved_ips: resolvedIps, links, refused: JSON.stringify(refusedCounts) };
}
