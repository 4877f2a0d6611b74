import type { Redis } from 'ioredis';
import {
  DEFAULT_PRIORITY,
  type NewSubmission,
  type Priority,
  type SubmissionKind,
  type User,
} from '../../model/submission.ts';
import { PermanentError } from '../../runtime/errors.ts';
import type { AuditNote } from '../audit/entry.ts';
import { type Excess, NO_QUOTAS, type Quotas, quotaError, quotasOf } from '../quota/quota.ts';
import { MEASURE } from '../quota/scripts.ts';
import { writeBeside } from '../redis/chunkedValue.ts';
import {
  ENDING_PLANS_KEY,
  listKeys,
  OPEN_KEY,
  projectKeys,
  SUBMISSION_CHANNEL,
  submissionKeys,
} from '../redis/keys.ts';
import { repliesOf } from '../redis/pipeline.ts';
import { namedFields, RedisScript } from '../redis/script.ts';
import { Store } from '../redis/store.ts';
import { BEGIN, BEGIN_PLANNED } from './beginScripts.ts';
import {
  END_OPEN_PLANS,
  END_PLAN,
  FINISH,
  FORGET,
  GIVE_UP,
  REFUSED_FOR,
  type RefusedFor,
  TELL_FAILURE,
} from './endScripts.ts';
import { factsOf, type SubmissionFacts } from './facts.ts';
import type { FailedJob } from './obstacles.ts';

/** How long a submission that no stage has begun yet is kept. From its first stage on, it stays until it ends. */
const WAITING_TTL_S = 7 * 24 * 3600;
/** What planning makes of a text takes so many times its bytes in Redis: names stand there as typed, by chunk, and resolved. */
const PLANNED_BYTES_PER_BYTE = 2.5;

/** What a scan takes over from its plan. */
const PLANNED_TEXTS = [
  'entries',
  'expanded',
  'names',
  'resolved',
  'refused',
  'hostnames',
  'unresolvable',
  'invalid',
  'refusedRows',
  'exclude',
  'warnings',
  'rules',
  'lookups',
] as const;
const PLANNED_FIELDS = [
  'project',
  'options',
  'priority',
  'provided',
  'duplicates_removed',
  'names',
  'invalid',
  'resolved_ips',
  'links',
  'refused',
];

/** What an event says of why a scan failed. */
const LONGEST_REASON = 500;
type Failed = Pick<FailedJob, 'id' | 'submission' | 'stage' | 'reason' | 'failedAtMs'>;

export type SubmissionEvent = 'planned' | 'failed' | 'stopped';

/** KEYS facts. ARGV project, priority. */
const SET_PRIORITY = new RedisScript<'done' | RefusedFor>(`${REFUSED_FOR}
local refused = refusedFor(KEYS[1], ARGV[1])
if refused then return refused end
redis.call('HSET', KEYS[1], 'priority', ARGV[2])
return 'done'
`);

/** A submission from its beginning to its end, in Redis. Every method may run twice with the same arguments and leaves the same state. */
export class SubmissionStore extends Store {
  readonly #quotas: Quotas;

  constructor(redis: Redis, quotas: Quotas = NO_QUOTAS) {
    super(redis);
    this.#quotas = quotas;
  }

  /**
   * Begins the submission, or gives the id of the one that the same request started and that still plans.
   *
   * @throws QuotaError when the project or the user has as much as may be
   */
  async begin(id: string, submission: NewSubmission, requestHash: string, note?: AuditNote): Promise<string> {
    const { kind, project, user, options, provided, duplicatesRemoved, names, invalid } = submission;
    const keys = submissionKeys(id);
    const { open, list } = listKeys(project, kind);
    const inFlight = projectKeys(project).inFlight(requestHash);
    const now = new Date();
    const fields = {
      kind,
      project,
      user: JSON.stringify(user),
      options: JSON.stringify(options),
      priority: options.priority ?? DEFAULT_PRIORITY,
      created_at: now.toISOString(),
      provided,
      duplicates_removed: duplicatesRemoved,
      names,
      expected: submission.expected ?? 0,
      invalid: invalid?.total ?? 0,
      in_flight: inFlight,
    };
    const warnings = submission.warnings ?? [];
    const texts = [submission.invalid, submission.exclude, warnings].map(
      (part) => JSON.stringify(part) ?? '',
    );
    const beside = await writeBeside(this.redis, keys.entries, submission.entries);
    const typed = texts.reduce((sum, text) => sum + text.length, beside.length);
    const given = {
      ...{ id, fields, ttlS: WAITING_TTL_S, nowMs: now.getTime(), length: beside.length },
      quotas: quotasOf(this.#quotas, project, user.id),
      bytes: Math.ceil(typed * PLANNED_BYTES_PER_BYTE),
      invalid: invalid && JSON.stringify(invalid),
      exclude: submission.exclude && JSON.stringify(submission.exclude),
      warnings: warnings.length === 0 ? undefined : JSON.stringify(warnings),
    };
    const begun = await BEGIN.run(
      this.redis,
      [inFlight, keys.facts, keys.entries, keys.invalid, keys.exclude, keys.warnings, open, list, beside.key],
      [namedFields(given), beside.last],
      note,
    );
    if (typeof begun !== 'string') throw quotaError(begun, project);
    return begun;
  }

  /**
   * Begins a scan of exactly what the plan came to. A second time with the same id it changes nothing; `unplanned`:
   * there is no such plan (any more), or it is still being made.
   *
   * @throws QuotaError when the project or the user has as much as may be
   */
  async beginPlanned(
    id: string,
    { plan, project, user }: { plan: string; project: string; user: User },
    note?: AuditNote,
  ): Promise<'begun' | 'known' | 'unplanned'> {
    const from = submissionKeys(plan);
    const to = submissionKeys(id);
    const { open, submissions } = projectKeys(project);
    const texts = PLANNED_TEXTS.flatMap((name) => [from[name], to[name]]);
    const now = new Date();
    const keys = [from.facts, to.facts, open, submissions, from.accepted, to.planned, ...texts];
    const given = {
      ...{ id, plan, project, user: JSON.stringify(user), fields: PLANNED_FIELDS },
      ...{ createdAt: now.toISOString(), nowMs: now.getTime() },
      quotas: quotasOf(this.#quotas, project, user.id),
    };
    const begun = await BEGIN_PLANNED.run(this.redis, keys, [namedFields(given)], note);
    if (typeof begun !== 'string') throw quotaError(begun, project);
    return begun;
  }

  /**
   * Counts what the submission takes in Redis by now. Gives which quota is exceeded then.
   */
  async measure({
    id,
    project,
    user,
  }: Pick<SubmissionFacts, 'id' | 'project' | 'user'>): Promise<Excess | undefined> {
    const quotas = JSON.stringify(quotasOf(this.#quotas, project, user.id));
    return (await MEASURE.run(this.redis, Object.values(submissionKeys(id)), [quotas])) ?? undefined;
  }

  /** Throws a PermanentError when nothing is known of the submission (any more). */
  async facts(id: string): Promise<SubmissionFacts> {
    const facts = await this.find(id);
    if (facts === undefined) {
      throw new PermanentError(
        `nothing is kept of submission ${id} any more: remove this job and send the request again`,
      );
    }
    return facts;
  }

  /** undefined: nothing is kept of it (any more). */
  async find(id: string): Promise<SubmissionFacts | undefined> {
    const hash = await this.redis.hgetall(submissionKeys(id).facts);
    return hash.project === undefined ? undefined : factsOf(id, hash);
  }

  /** Whether it is neither done nor stopped. */
  async isOpen(id: string, project: string): Promise<boolean> {
    return (await this.redis.sismember(projectKeys(project).open, id)) === 1;
  }

  /** Marks it stopped: nothing more of it is sent. */
  async giveUp(id: string): Promise<void> {
    await GIVE_UP.run(this.redis, [], [id]);
  }

  /** `ended`: nothing of it is left to be sent. */
  setPriority(
    { project, id, priority }: { project: string; id: string; priority: Priority },
    note?: AuditNote,
  ): Promise<'done' | RefusedFor> {
    return SET_PRIORITY.run(this.redis, [submissionKeys(id).facts], [project, priority], note);
  }

  /** Ends the submission: its reservation goes at once, its keys after the retention. */
  async finish(id: string, project: string, kind: SubmissionKind = 'scan'): Promise<void> {
    const { facts, ...rest } = submissionKeys(id);
    const { open, list } = listKeys(project, kind);
    await FINISH.run(
      this.redis,
      [facts, projectKeys(project).reservations, open, list, ...Object.values(rest)],
      [id, new Date().toISOString()],
    );
  }

  /** The submissions and plans that have not ended, with their projects. */
  open(): Promise<Record<string, string>> {
    return this.redis.hgetall(OPEN_KEY);
  }

  /** By id; those of which nothing is kept are missing. */
  async projectsOf(ids: readonly string[]): Promise<Map<string, string>> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hget(submissionKeys(id).facts, 'project');
    const projects = repliesOf<string | null>(await pipeline.exec());
    return new Map(ids.flatMap((id, index) => (projects[index] ? [[id, projects[index]]] : [])));
  }

  /** Those of which nothing is kept any more. */
  async gone(ids: readonly string[]): Promise<string[]> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.exists(submissionKeys(id).facts);
    const kept = repliesOf<number>(await pipeline.exec());
    return ids.filter((_, index) => kept[index] === 0);
  }

  /** Ends a plan early: nobody runs it any more. false: the project has no such plan (any more). */
  async endPlan(id: string, project: string, note?: AuditNote): Promise<boolean> {
    return (await END_PLAN.run(this.redis, [], [id, project], note)) === 'ending';
  }

  /** The same of those that are still being made, or failed. Gives which. */
  async endOpenPlans(project: string): Promise<string[]> {
    return END_OPEN_PLANS.run(this.redis, [listKeys(project, 'plan').open], [project]);
  }

  /** Plan -> project: those that were ended early, and of which something is left, because whoever did so died. */
  endingPlans(): Promise<Record<string, string>> {
    return this.redis.hgetall(ENDING_PLANS_KEY);
  }

  /** Deletes all that is kept of it, and its places in what its project has. Nothing may be at work on it any more. */
  async forget(id: string, project: string): Promise<void> {
    const lists = (['scan', 'plan'] as const).map((kind) => listKeys(project, kind));
    const places = lists.flatMap(({ open, list }) => [open, list]);
    const keys = [projectKeys(project).reservations, ...places, ...Object.values(submissionKeys(id))];
    await FORGET.run(this.redis, keys, [id]);
  }

  /** Tells that a scan has failed; a second time of the same failure it tells nothing. */
  async tellFailure({ id, submission, stage, reason, failedAtMs }: Failed): Promise<void> {
    const args = [submission, `${id} ${failedAtMs}`, stage, reason.slice(0, LONGEST_REASON)];
    await TELL_FAILURE.run(this.redis, [submissionKeys(submission).facts], args);
  }

  async announce(event: SubmissionEvent, id: string): Promise<void> {
    await this.redis.publish(SUBMISSION_CHANNEL, `${event} ${id}`);
  }
}
