import { REFUSAL_REASONS, type RefusalReason } from '../../model/refusal.ts';
import type { RefusedRow } from '../../model/submission.ts';
import { type AddressSet, decode, EMPTY, encode } from '../../targets/sets/addressSet.ts';
import { EMIT } from '../events/script.ts';
import { PUT_IN_PLACE, readSet, writeBeside, writeChunked } from '../redis/chunkedValue.ts';
import { projectKeys, SUBMISSION_CHANNEL, submissionKeys } from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import type { SubmissionFacts } from './facts.ts';

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

/** Put off by whoever reads it: it must not go while somebody decides by it. */
export const VERSION_LIFE_S = 14 * 24 * 3600;

/**
 * Holds the accepted set for the submission, unless somebody reserved since dedup read the version.
 * KEYS facts, version, reservations, accepted, the set beside its place.
 * ARGV {id, version that was read, canonical ports, length of the set, fields of the facts}, last chunk of the set.
 * Returns 'reserved', 'again' or 'stopped'.
 */
const RESERVE = new RedisScript<'reserved' | 'again' | 'stopped'>(`${PUT_IN_PLACE}
local facts, version, reservations, accepted, beside = unpack(KEYS)
local given = cjson.decode(ARGV[1])
local state = redis.call('HGET', facts, 'state')
if not state or state == 'stopped' then redis.call('UNLINK', beside) return 'stopped' end
if (redis.call('GET', version) or '0') ~= given.version then redis.call('UNLINK', beside) return 'again' end
putInPlace(beside, accepted, ARGV[2], given.length)
for field, value in pairs(given.fields) do redis.call('HSET', facts, field, value) end
if given.fields.total ~= '0' then
  redis.call('INCR', version)
  redis.call('EXPIRE', version, ${VERSION_LIFE_S})
  redis.call('HSET', reservations, given.id, given.ports)
end
return 'reserved'
`);

/**
 * Planning is over: the answer is true now, and the same request is a new one from here on.
 * KEYS facts, in-flight. ARGV id, now (ISO 8601).
 */
const PLANNED = new RedisScript<'dispatching' | 'stopped'>(`${EMIT}
local state, kind, project = unpack(redis.call('HMGET', KEYS[1], 'state', 'kind', 'project'))
if not state or state == 'stopped' then return 'stopped' end
if state == 'planning' then
  redis.call('HSET', KEYS[1], 'state', 'dispatching', 'planned_at', ARGV[2])
  if kind == 'scan' then
    local targets, tasks, refused = unpack(redis.call('HMGET', KEYS[1], 'targets', 'total', 'refused'))
    emit(project, 'scan.planned', {scan = scanOf(ARGV[1], KEYS[1]), targets = tonumber(targets or 0),
      tasks = tonumber(tasks or 0), refused = refused and cjson.decode(refused)})
  end
end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', '${SUBMISSION_CHANNEL}', 'planned ' .. ARGV[1])
return 'dispatching'
`);

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
    return PLANNED.run(this.redis, [keys.facts, facts.inFlightKey], [facts.id, new Date().toISOString()]);
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
