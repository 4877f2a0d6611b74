import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { promptRedisCall } from '../adapters/redis/redis.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { SubmissionPlace } from '../adapters/submissions/index.ts';
import type { Outcome } from '../adapters/submissions/submissionView.ts';
import type { WorkerInfo } from '../adapters/workers/workerStore.ts';
import type { Progress, StageName, Warning } from '../model/submission.ts';
import type { Compute } from '../runtime/compute.ts';
import { type Asked, type Explained, explain } from './explain.ts';
import { type PlanDetails, planDetails } from './planDetails.ts';
import { listPlans, type PlanPage } from './planList.ts';
import { type ProjectStatus, projectStatus } from './projectStatus.ts';
import { type SubmissionDetails, submissionDetails } from './submissionDetails.ts';
import { listSubmissions, type SubmissionPage, type SubmissionQuery } from './submissionList.ts';
import { TargetCounter } from './targetCounts.ts';
import { TargetList, type TargetPage, type TargetQuery } from './targetList.ts';
import { TargetStates } from './targetStates.ts';

/** What the API answers questions with. Every method throws ServiceUnavailableError('redis') when Redis does not answer. */
export interface Queries {
  progress(id: string): Promise<Progress | undefined>;
  /** What the streamed answer is written from; undefined while planning. */
  outcome(id: string): Promise<Outcome | undefined>;
  /** What Redis holds of what the answers about these are made from, in bytes. */
  bytesKept(ids: readonly string[]): Promise<number>;
  /** What was allowed and perhaps not meant, as far as it is known. */
  warnings(id: string): Promise<Warning[]>;
  /** What a plan's answer needs beside its outcome. undefined: its rules are no longer kept. */
  planDetails(id: string, signal: AbortSignal): Promise<PlanDetails | undefined>;
  /** The plans of a project, newest first. */
  plans(project: string, query: SubmissionQuery): Promise<PlanPage>;
  /** The scans of a project, newest first. */
  submissions(project: string, query: SubmissionQuery): Promise<SubmissionPage>;
  /** undefined: the project has no such scan, or nothing is kept of it any more. So it is with its targets. */
  submissionDetails(project: string, id: string): Promise<SubmissionDetails | undefined>;
  /** What the scans of a project had to do with an address or a name, newest first. */
  explain(
    project: string,
    asked: Asked,
    after: SubmissionPlace | undefined,
    signal: AbortSignal,
  ): Promise<Explained>;
  /** One page of the targets of a scan, with what became of each. */
  targets(project: string, id: string, query: TargetQuery): Promise<TargetPage | undefined>;
  /** Whether there is anything of the project that a stop would take back. */
  hasWork(project: string): Promise<boolean>;
  status(project: string): Promise<ProjectStatus>;
  workers(): Promise<Record<string, WorkerInfo>>;
}

interface QueriesOptions {
  /** Fails fast: somebody waits for each answer. */
  redis: Redis;
  stores: Stores;
  queues: Readonly<Record<StageName, Queue>>;
  /** Threads, for what would hold up the other requests. */
  compute: Compute;
}

export function createQueries({ redis, stores, queues, compute }: QueriesOptions): Queries {
  const { view, plans, index, planIndex, projects, tasks, workers, targetStore } = stores;
  const states = new TargetStates(targetStore, workers);
  const counter = new TargetCounter(states, targetStore, tasks);
  const list = new TargetList(targetStore, states);
  const prompt = <T>(call: () => Promise<T>) => promptRedisCall(redis, call);
  return {
    progress: (id) => prompt(() => view.progress(id)),
    outcome: (id) => prompt(() => view.outcome(id)),
    bytesKept: (ids) => prompt(() => view.bytesKept(ids)),
    warnings: (id) => prompt(() => plans.warnings(id)),
    planDetails: (id, signal) => prompt(() => planDetails(id, { ...stores, compute }, signal)),
    plans: (project, query) => prompt(() => listPlans(project, query, { redis, index: planIndex, view })),
    submissions: (project, query) => prompt(() => listSubmissions(project, query, { index, view })),
    submissionDetails: (project, id) =>
      prompt(() => submissionDetails(project, id, { view, states, counter, queues })),
    explain: (project, asked, after, signal) =>
      prompt(() =>
        explain(project, asked, after, { ...stores, targets: targetStore, states, compute, signal }),
      ),
    targets: (project, id, query) => prompt(() => list.page(project, id, query)),
    hasWork: (project) => prompt(() => projects.hasWork(project)),
    status: (project) => prompt(() => projectStatus(project, stores)),
    workers: () => prompt(() => workers.workers()),
  };
}
