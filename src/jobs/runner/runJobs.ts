import { type Job, type Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobMetrics } from '../../adapters/metrics/jobMetrics.ts';
import type { JobOutcome } from '../../adapters/metrics/table.ts';
import { isRefusal, QUEUE_PREFIX, saysRedisIsAway } from '../../adapters/redis/redis.ts';
import type { SubmissionStore } from '../../adapters/submissions/submissionStore.ts';
import type { OpenTracing } from '../../adapters/tracing/openTracing.ts';
import type { StageName } from '../../model/submission.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { OUTCOME } from '../../runtime/tracing.ts';
import { NoShare, ProjectShares } from './projectShares.ts';
import {
  type JobRef,
  jobOptionsOf,
  jobRefOf,
  type Queues,
  type Stage,
  type StageContext,
  type StageServices,
} from './stage.ts';
import { failureOf, outcomeOf } from './stageFailure.ts';

/** A job of a process that was killed, or that Redis did not take back, goes to another one after the sum of these. */
export const LOCKS = { lockDuration: 10_000, stalledInterval: 3_000 };
/**
 * Not a limit that anybody should meet: every restart of a process in the middle of a job counts, and while Redis is full
 * locks are not renewed, so that each job that takes longer than its lock counts every 13 s: this is three hours of it.
 */
const MAX_STALLED = 1_000;

/** How long running jobs may take to end by themselves when the process stops; what is left goes to another one. */
const CLOSE_TIMEOUT_MS = 6_000;

export interface RunJobsOptions {
  stages: Readonly<Record<StageName, Stage>>;
  queues: Queues;
  /** Never gives up on a command: workers wait until Redis is back. */
  redis: Redis;
  services: StageServices;
  log: Logger;
  /** undefined: nothing is counted. */
  metrics?: JobMetrics | undefined;
  /** undefined: nothing is traced. */
  tracing?: OpenTracing | undefined;
}

export interface RunningJobs {
  /** Tells the jobs of a submission that run here that it is stopped. */
  cancel(submission: string): void;
  close(): Promise<void>;
}

/** Runs every stage in this process. */
export function runJobs(options: RunJobsOptions): RunningJobs {
  const running = Object.values(options.stages).map((stage) => runStage(stage, options));
  return {
    cancel(submission) {
      for (const stage of running) stage.cancel(submission);
    },
    async close() {
      await Promise.all(running.map((stage) => stage.close()));
    },
  };
}

/** Takes the stage's jobs out of its queue and runs them, in this process, until the worker is closed. */
function runStage(
  stage: Stage,
  { stages, queues, redis, services, log, metrics, tracing }: RunJobsOptions,
): RunningJobs {
  const queue = queues[stage.name];
  const active = new Map<string, JobRef>();
  const shares = new ProjectShares(stage.share ?? stage.concurrency, async (id) => {
    const waiting = await queue.getJob(id);
    await waiting?.promote();
    return waiting !== undefined;
  });
  const worker = new Worker(
    stage.name,
    async (job, token, signal) => {
      const ref = jobRefOf(job.data);
      const { id = '' } = job;
      const jobLog = log.child({ submission: ref.submission, stage: stage.name, job: id });
      const inject: StageContext['inject'] = (name, refs, turns) =>
        addBeside(job, stages[name], queues[name], refs, turns);
      active.set(id, ref);
      const beganMs = performance.now();
      let outcome: JobOutcome = 'completed';
      if (typeof job.progress === 'object') await job.updateProgress(0).catch(() => {});
      let nextTurn: number | undefined;
      const again = (turn: number) => {
        nextTurn = turn;
      };
      const beside = { inject, waitAgain: again, turn: job.priority };
      let project: string | undefined;
      try {
        const facts = await services.submissions.facts(ref.submission);
        const run = () => stage.run(ref, { ...services, ...beside, facts, log: jobLog, signal });
        if (stage.share !== undefined) {
          // One that waited here is not told to stop when it begins.
          if (facts.state === 'stopped') return { stopped: true };
          project = facts.project;
        }
        const result = await (project === undefined ? run() : shares.run(project, id, run));
        if (nextTurn === undefined) return result;
        outcome = 'continued';
        await waitAgain(job, token, nextTurn);
      } catch (error) {
        const failure = await failureOf(error, { job, token, stage, queue, log: jobLog });
        outcome = outcomeOf(failure, job, stage);
        if (project !== undefined && error instanceof NoShare && error.rests === 'job')
          shares.wasSetAside(project, id);
        throw failure;
      } finally {
        active.delete(id);
        tracing?.note({ [OUTCOME]: outcome, 'tasker.submission': ref.submission });
        metrics?.jobEnded(stage.name, outcome, (performance.now() - beganMs) / 1_000);
      }
      throw new WaitingError();
    },
    {
      connection: redis,
      prefix: QUEUE_PREFIX,
      concurrency: stage.concurrency,
      ...LOCKS,
      ...(tracing && { telemetry: tracing.telemetry }),
      maxStalledCount: MAX_STALLED,
    },
  );
  worker.on('failed', (job) => {
    if (job?.finishedOn !== undefined) void announceFailure(stage.name, job, services.submissions, log);
  });
  worker.on('error', (error) => {
    // The connection itself says when Redis goes and comes; a line for each worker and attempt would hide it.
    if (!saysRedisIsAway(error)) log.warn({ stage: stage.name, err: messageOf(error) }, 'worker trouble');
  });
  return {
    cancel(submission) {
      for (const [id, ref] of active)
        if (ref.submission === submission) worker.cancelJob(id, 'the submission is stopped');
    },
    /** Those that do not end in time stay active and are taken over when their lock ends. */
    async close() {
      const timer = setTimeout(() => worker.close(true), CLOSE_TIMEOUT_MS);
      await worker.close().finally(() => clearTimeout(timer));
    },
  };
}

/**
 * The job is out of tries, and BullMQ has it among those that failed. Whoever waits looks once a second anyway, and
 * `resume_flows` tells of a failure that this process could not tell of.
 */
async function announceFailure(
  stage: StageName,
  { id = '', data, failedReason: reason, finishedOn: failedAtMs = 0 }: Job,
  submissions: SubmissionStore,
  log: Logger,
): Promise<void> {
  try {
    const { submission } = jobRefOf(data);
    await submissions.announce('failed', submission);
    if (!isRefusal(reason)) await submissions.tellFailure({ id, submission, stage, reason, failedAtMs });
  } catch (error) {
    log.debug({ job: id, err: messageOf(error) }, 'failure not announced');
  }
}

/** Its new place first: as soon as the job waits, somebody may take it. */
async function waitAgain(job: Job, token: string | undefined, priority: number): Promise<void> {
  await job.changePriority({ priority });
  await job.moveToWait(token);
}

/** Adds jobs under the running job's parent. The parent cannot start early: the running job still holds it. */
async function addBeside(
  job: Job,
  stage: Stage,
  queue: Queue,
  refs: readonly JobRef[],
  turns: readonly number[] = [],
): Promise<void> {
  if (refs.length === 0) return;
  const { parent } = job;
  if (!parent?.id) throw new Error(`job ${job.id} has no parent: its flow is broken`);
  const { telemetry } = job.opts;
  // Of a trace all are children of the same step: each behind the one that injected it would be a very deep tree.
  const options = { parent: { id: parent.id, queue: parent.queueKey }, ...(telemetry && { telemetry }) };
  await queue.addBulk(
    refs.map((ref, index) => {
      const opts = { ...jobOptionsOf(stage, ref), ...options, priority: turns[index] ?? 0 };
      return { name: stage.name, data: ref, opts };
    }),
  );
}
