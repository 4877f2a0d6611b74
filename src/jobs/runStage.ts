import { DelayedError, type Job, type Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX, saysRedisIsAway } from '../adapters/redis.ts';
import type { StageName } from '../adapters/submission.ts';
import type { SubmissionStore } from '../adapters/submissionStore.ts';
import { GiveUpError, messageOf, ScopeError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type JobRef, jobIdOf, jobRefOf, NotNow, type Stage, type StageServices } from './stage.ts';

/** A job of a process that was killed goes to another one after about LOCK_MS + STALLED_CHECK_MS. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 3_000;
/** Not a limit that anybody should meet: every restart of a process in the middle of a job counts. */
const MAX_STALLED = 100;

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

export interface RunStageOptions {
  stage: Stage;
  stages: Readonly<Record<StageName, Stage>>;
  queues: Readonly<Record<StageName, Queue>>;
  /** Never gives up on a command: workers wait until Redis is back. */
  redis: Redis;
  services: StageServices;
  log: Logger;
}

export interface RunningStage {
  worker: Worker;
  /** Aborts the signal of the submission's jobs that are active here. */
  cancel(submission: string): void;
}

/** Takes the stage's jobs out of its queue and runs them, in this process, until the worker is closed. */
export function runStage({ stage, stages, queues, redis, services, log }: RunStageOptions): RunningStage {
  const queue = queues[stage.name];
  const active = new Map<string, JobRef>();
  const worker = new Worker(
    stage.name,
    async (job, token, signal) => {
      const ref = jobRefOf(job.data);
      const jobLog = log.child({ submission: ref.submission, stage: stage.name, job: job.id });
      const inject = (name: StageName, refs: readonly JobRef[]) =>
        addBeside(job, stages[name], queues[name], refs);
      await forgetFailure(services.submissions, job, ref);
      active.set(job.id ?? '', ref);
      try {
        return await stage.run(ref, { ...services, log: jobLog, signal, inject });
      } catch (error) {
        throw await failureOf(error, {
          job,
          token,
          ref,
          stage,
          queue,
          submissions: services.submissions,
          log: jobLog,
        });
      }
    },
    {
      connection: redis,
      prefix: QUEUE_PREFIX,
      concurrency: stage.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    },
  );
  worker.on('error', (error) => {
    // The connection itself says when Redis goes and comes; a line for each worker and attempt would hide it.
    if (!saysRedisIsAway(error)) log.warn({ stage: stage.name, err: messageOf(error) }, 'worker trouble');
  });
  return {
    worker,
    cancel(submission) {
      for (const [id, ref] of active)
        if (ref.submission === submission) worker.cancelJob(id, 'the submission is stopped');
    },
  };
}

/** Adds jobs under the running job's parent. The parent cannot start early: the running job still holds it. */
async function addBeside(job: Job, stage: Stage, queue: Queue, refs: readonly JobRef[]): Promise<void> {
  if (refs.length === 0) return;
  const { parent } = job;
  if (!parent?.id) throw new Error(`job ${job.id} has no parent: its flow is broken`);
  const options = { parent: { id: parent.id, queue: parent.queueKey } };
  await queue.addBulk(
    refs.map((ref) => ({ name: stage.name, data: ref, opts: { ...jobOptionsOf(stage, ref), ...options } })),
  );
}

async function forgetFailure(submissions: SubmissionStore, job: Job, ref: JobRef): Promise<void> {
  if (job.attemptsStarted > 1 && job.id) await submissions.failureGone(ref.submission, job.id);
}

interface Failing {
  job: Job;
  token: string | undefined;
  ref: JobRef;
  stage: Stage;
  queue: Queue;
  submissions: SubmissionStore;
  log: Logger;
}

/** What BullMQ is to be told. A failure that no further try follows is noted where the submission is looked up. */
async function failureOf(
  error: unknown,
  { job, token, ref, stage, queue, submissions, log }: Failing,
): Promise<unknown> {
  const reason = messageOf(error);
  if (error instanceof NotNow) {
    const { restMs, rests } = error;
    log.debug({ reason, restMs, rests }, 'not now');
    return rests === 'queue' ? restQueue(queue, restMs) : setAside(job, token, restMs);
  }
  const final = error instanceof GiveUpError || job.attemptsMade + 1 >= stage.attempts;
  log[final ? 'error' : 'warn'](
    { err: reason, attempt: job.attemptsMade + 1, of: stage.attempts },
    final ? 'stage gave up' : 'stage failed, will be tried again',
  );
  const failure = { stage: stage.name, reason, byScope: error instanceof ScopeError };
  if (final && job.id) await submissions.failed(ref.submission, job.id, failure);
  return error instanceof GiveUpError ? new UnrecoverableError(reason) : error;
}

/** Nothing of the queue is taken for a while. What is thrown puts the job back without counting the try. */
async function restQueue(queue: Queue, restMs: number): Promise<Error> {
  await queue.rateLimit(restMs);
  return Worker.RateLimitError();
}

/** The job alone waits, and the try does not count either. */
async function setAside(job: Job, token: string | undefined, restMs: number): Promise<Error> {
  await job.moveToDelayed(Date.now() + restMs, token);
  return new DelayedError();
}
