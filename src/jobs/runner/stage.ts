import type { Queue } from 'bullmq';
import type { NameResolver } from '../../adapters/dns/resolver.ts';
import type { WildcardWatch } from '../../adapters/names/wildcards.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { Ledger } from '../../adapters/scanledger/scanledger.ts';
import type { RuleBook } from '../../adapters/scopeRules/ruleBook.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { PerNetwork } from '../../model/perNetwork.ts';
import type { IpVersion } from '../../model/resolution.ts';
import type { StageName } from '../../model/submission.ts';
import type { Compute } from '../../runtime/compute.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Semaphore } from '../../runtime/semaphore.ts';
import type { BatchReader } from '../publish/batchReader.ts';
import type { Room } from '../publish/room.ts';
import type { ScopeCache } from '../publish/scopeCache.ts';
import type { Turns } from './turns.ts';

/** By stage. */
export type Queues = Readonly<Record<StageName, Queue>>;

/** A job carries references only. `index` tells siblings apart: the chunk of names, or the batch. */
export interface JobRef {
  submission: string;
  index?: number;
}

/** The id of a job follows from what it does, so that adding it again changes nothing. */
export function jobIdOf(stage: StageName, { submission, index }: JobRef): string {
  return index === undefined ? `${submission}-${stage}` : `${submission}-${stage}-${index}`;
}

/** What the stages work with. Everything is handed in; a test hands in the same on its own servers. */
export interface StageServices extends Stores {
  targets: BatchReader;
  resolver: NameResolver;
  /** Threads, for what would hold up the other jobs. */
  compute: Compute;
  /** Epoch milliseconds by the clock that all processes share: what one of them looked up is judged by others. */
  now(): number;
  /** Finds the names that their domain would give to any name. */
  wildcards(ipVersion: IpVersion, signal: AbortSignal | undefined): WildcardWatch;
  /** undefined: no ledger; nothing counts as known. */
  ledger: Ledger | undefined;
  /** For jobs of this process that ask the ledger. */
  askingLedger: Semaphore;
  broker: Broker;
  /** For tasks of this process that are published and not noted: whose turn it is waits here. */
  sending: Semaphore;
  /** The scope rules as they are now. */
  rules: RuleBook;
  /** The same, ready for the addresses of a submission that is being sent. */
  scopeCache: ScopeCache;
  /** How many tasks a network may get, of the installation. */
  perNetwork: PerNetwork | undefined;
  /** Most addresses of a submission. */
  maxTargets: number;
  /** The order in which submissions send. */
  turns: Turns;
  /** For tasks in RabbitMQ. */
  room: Room;
}

export interface StageContext extends StageServices {
  /** The submission as it was when the job began. */
  facts: SubmissionFacts;
  log: Logger;
  /** Aborted when the submission is stopped: a stage that waits must honour it. */
  signal: AbortSignal | undefined;
  /** The job's own place in the order; 0: it has none. */
  turn: number;
  /**
   * Adds jobs beside the running one, under its parent, which therefore waits for them too. `turns`: their places in the
   * order of their queue; a job without one goes before all that have one.
   */
  inject(stage: StageName, refs: readonly JobRef[], turns?: readonly number[]): Promise<void>;
  /** The job has done a part of its work only: when it returns, it waits again, with this place in the order. */
  waitAgain(turn: number): void;
}

/** A stage of the flow: a plain function and how often and how many at once it may run. */
export interface Stage {
  name: StageName;
  /** One sentence for the board. */
  description: string;
  /** Other stages add its jobs beside themselves. Absent: it has one job, behind that of the stage before it. */
  injected?: true;
  /** Tries until the job counts as failed and waits for an operator. */
  attempts: number;
  /** Pause before the second try in milliseconds; doubles with each further one. */
  backoffMs: number;
  /** Jobs at once in one process. */
  concurrency: number;
  /** Those of one project, where a job may take minutes: the other places are left to other projects. @default all */
  share?: number;
  /** Gives what the board shows as the job's result: references and small numbers. */
  run(ref: JobRef, context: StageContext): Promise<Record<string, unknown>>;
}

/** How long a finished job stays on the board: seconds, and how many of its queue. */
const KEEP_COMPLETED = { age: 24 * 3600, count: 5_000 };

/** The options every job of a stage gets; flow nodes do not inherit a queue's defaults, so each carries its own. */
export function jobOptionsOf({ name, attempts, backoffMs }: Stage, ref: JobRef) {
  return {
    jobId: jobIdOf(name, ref),
    attempts,
    backoff: { type: 'exponential', delay: backoffMs },
    removeOnComplete: KEEP_COMPLETED,
  };
}

/**
 * Thrown by a stage before any side effect: not now. The try does not count.
 *
 * - `queue`: what stands in the way concerns everybody (no room, RabbitMQ is away): the stage's queue rests
 * - `job`: it concerns this submission or project only: the job is set aside, and others pass it
 * - `process`: it concerns this process only: the job is handed on to another one
 */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError';
  readonly restMs: number;
  readonly rests: 'queue' | 'job' | 'process';

  constructor(reason: string, restMs: number, rests: RetryLaterError['rests'] = 'queue') {
    super(reason);
    this.restMs = restMs;
    this.rests = rests;
  }
}

/** Checks what stands in a job's data: it comes out of Redis. */
export function jobRefOf(data: unknown): JobRef {
  if (
    typeof data === 'object' &&
    data !== null &&
    'submission' in data &&
    typeof data.submission === 'string'
  ) {
    const { submission } = data;
    if (!('index' in data)) return { submission };
    if (typeof data.index === 'number' && Number.isInteger(data.index))
      return { submission, index: data.index };
  }
  throw new TypeError('the job data is no {submission, index?}: it was not written by Tasker');
}
