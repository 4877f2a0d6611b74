import type { Redis } from 'ioredis';
import { GiveUpError } from '../errors.ts';
import type { ScanOptions } from '../nmap/scanOptions.ts';
import { type AddressSet, decode, EMPTY, encode } from '../targets/addressSet.ts';
import { projectKeys, SUBMISSION_CHANNEL, submissionKeys } from './keys.ts';
import { pages, repliesOf } from './pipeline.ts';
import type { NewSubmission, RefusalReason, StageName, SubmissionState, User } from './submission.ts';
import { BEGIN, FINISH, PLANNED, RESERVE, SENT } from './submissionScripts.ts';

/** How long a submission that no stage has begun yet is kept. From its first stage on, it stays until it ends. */
const WAITING_TTL_S = 7 * 24 * 3600;
/** How long an ended submission can be looked at. */
const RETENTION_S = 24 * 3600;

/** What a stage needs to know of its submission. */
export interface SubmissionFacts {
  id: string;
  project: string;
  user: User;
  options: ScanOptions;
  state: Exclude<SubmissionState, 'failed'>;
  /** Accepted targets; undefined before dedup has reserved them. */
  total: number | undefined;
  /** Targets whose batch was sent. */
  sent: number;
  /** (name, address) links: 0 means that no host names have to be read. */
  links: number;
  /** The key under which the same request, sent again, finds this submission. */
  inFlightKey: string;
}

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

export type SubmissionEvent = 'planned' | 'failed' | 'stopped';

/** The stages' memory in Redis. Every method may run twice with the same arguments and leaves the same state. */
export class SubmissionStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Begins the submission, or gives the id of the one that the same request started and that still plans. */
  async begin(id: string, submission: NewSubmission, requestHash: string): Promise<string> {
    const { project, user, options, entries, provided, duplicatesRemoved, names } = submission;
    const keys = submissionKeys(id);
    const inFlight = projectKeys(project).inFlight(requestHash);
    const fields = {
      project,
      user: JSON.stringify(user),
      options: JSON.stringify(options),
      created_at: new Date().toISOString(),
      provided,
      duplicates_removed: duplicatesRemoved,
      names,
      in_flight: inFlight,
    };
    return BEGIN.run(
      this.#redis,
      [inFlight, keys.facts, keys.entries, projectKeys(project).open],
      [id, WAITING_TTL_S, entries, ...Object.entries(fields).flat()],
    );
  }

  /** Throws a GiveUpError when nothing is known of the submission (any more). */
  async facts(id: string): Promise<SubmissionFacts> {
    const hash = await this.#redis.hgetall(submissionKeys(id).facts);
    if (hash['project'] === undefined) {
      throw new GiveUpError(
        `nothing is kept of submission ${id} any more: remove this job and send the request again`,
      );
    }
    return {
      id,
      project: hash['project'],
      user: JSON.parse(hash['user'] ?? '{}') as User,
      options: JSON.parse(hash['options'] ?? '{}') as ScanOptions,
      state: hash['state'] as SubmissionFacts['state'],
      total: hash['total'] === undefined ? undefined : Number(hash['total']),
      sent: Number(hash['sent'] ?? 0),
      links: Number(hash['links'] ?? 0),
      inFlightKey: hash['in_flight'] ?? '',
    };
  }

  /** The distinct entries as typed. Reading them also ends the time limit of a submission that waits. */
  async entries(id: string): Promise<string> {
    const keys = submissionKeys(id);
    const pipeline = this.#redis.pipeline().persist(keys.facts).persist(keys.entries).get(keys.entries);
    const [, , entries] = repliesOf<string | null>(await pipeline.exec());
    return entries ?? '';
  }

  async saveExpansion(id: string, set: AddressSet, chunks: readonly string[][]): Promise<void> {
    const keys = submissionKeys(id);
    const pipeline = this.#redis.pipeline().set(keys.expanded, encode(set));
    for (const [index, names] of chunks.entries()) pipeline.hset(keys.names, index, JSON.stringify(names));
    repliesOf(await pipeline.exec());
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
      expanded: expanded === null ? EMPTY : decode(expanded),
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
    const fields = refused.flatMap(({ reason, set }) => [reason, encode(set)]);
    await this.#redis
      .multi()
      .del(key)
      .hset(key, ...fields)
      .exec();
  }

  reserve(
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
        encode(decision.accepted),
        decision.total,
        ...Object.entries(fields).flat(),
      ],
    );
  }

  async planned(facts: SubmissionFacts): Promise<'dispatching' | 'stopped'> {
    const keys = submissionKeys(facts.id);
    return PLANNED.run(this.#redis, [keys.facts, facts.inFlightKey], [facts.id, SUBMISSION_CHANNEL]);
  }

  async accepted(id: string): Promise<AddressSet> {
    const text = await this.#redis.get(submissionKeys(id).accepted);
    if (text === null)
      throw new GiveUpError(`the target set of submission ${id} is gone: stop the scan and send it again`);
    return decode(text);
  }

  /** What another submission holds; nothing when it ended in between. */
  async held(id: string): Promise<AddressSet> {
    const text = await this.#redis.get(submissionKeys(id).accepted);
    return text === null ? EMPTY : decode(text);
  }

  /** The host names of these addresses, in their order; [] where there are none. */
  async hostnamesOf(id: string, addresses: readonly string[]): Promise<string[][]> {
    const lists = await this.#redis.hmget(submissionKeys(id).hostnames, ...addresses);
    return lists.map((text) => (text === null ? [] : (JSON.parse(text) as string[])));
  }

  /** Of a batch that RabbitMQ took in part: what a further try has to send. */
  async saveNotTaken(id: string, batch: number, tasks: readonly string[]): Promise<void> {
    await this.#redis.hset(submissionKeys(id).notTaken, batch, JSON.stringify(tasks));
  }

  /** undefined: the whole batch is to be sent. */
  async notTaken(id: string, batch: number): Promise<Set<string> | undefined> {
    const text = await this.#redis.hget(submissionKeys(id).notTaken, String(batch));
    return text === null ? undefined : new Set(JSON.parse(text) as string[]);
  }

  async sent(id: string, lane: number, batch: number, size: number): Promise<void> {
    const keys = submissionKeys(id);
    await SENT.run(this.#redis, [keys.facts, keys.lanes], [lane, batch, size]);
  }

  /** Ends the submission: its reservation goes at once, its keys after the retention. */
  async finish(id: string, project: string): Promise<void> {
    const { facts, ...rest } = submissionKeys(id);
    const { reservations, open } = projectKeys(project);
    await FINISH.run(this.#redis, [facts, reservations, open, ...Object.values(rest)], [id, RETENTION_S]);
  }

  async failed(id: string, jobId: string, stage: StageName, reason: string): Promise<void> {
    await this.#redis.hset(submissionKeys(id).failures, jobId, JSON.stringify({ stage, reason }));
    await this.announce('failed', id);
  }

  /** The jobs of the submission that gave up. */
  async failures(id: string): Promise<{ jobId: string; stage: StageName }[]> {
    const failures = await this.#redis.hgetall(submissionKeys(id).failures);
    return Object.entries(failures).map(([jobId, text]) => ({
      jobId,
      ...(JSON.parse(text) as { stage: StageName }),
    }));
  }

  async failureGone(id: string, jobId: string): Promise<void> {
    await this.#redis.hdel(submissionKeys(id).failures, jobId);
  }

  async announce(event: SubmissionEvent, id: string): Promise<void> {
    await this.#redis.publish(SUBMISSION_CHANNEL, `${event} ${id}`);
  }
}
