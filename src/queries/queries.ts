import type { Redis } from 'ioredis';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { promptRedisCall } from '../adapters/redis/redis.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { SubmissionPlace } from '../adapters/submissions/index.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import type { Compute } from '../runtime/compute.ts';
import { dispatchStatus } from './dispatchStatus.ts';
import type { Asked } from './explain/asked.ts';
import { explain } from './explain/explain.ts';
import { installationMetrics } from './installationMetrics.ts';
import { createOverview } from './overview/overview.ts';
import type { ScanQuery } from './overview/scans.ts';
import { planDetails } from './planDetails.ts';
import { listPlans } from './planList.ts';
import { projectStatus } from './projectStatus.ts';
import { submissionDetails } from './submissionDetails.ts';
import { listSubmissions, type SubmissionQuery } from './submissionList.ts';
import { TargetCounter } from './targetCounts.ts';
import { TargetList, type TargetQuery } from './targetList/targetList.ts';
import { TargetStates } from './targetStates.ts';

/** What the API answers questions with. Every method throws ServiceUnavailableError('redis') when Redis does not answer. */
export type Queries = ReturnType<typeof createQueries>;

interface QueriesOptions {
  /** Fails fast: somebody waits for each answer. */
  redis: Redis;
  stores: Stores;
  broker: Broker;
  queues: Queues;
  /** Threads, for what would hold up the other requests. */
  compute: Compute;
}

export function createQueries({ redis, stores, broker, queues, compute }: QueriesOptions) {
  const { view, plans, index, planIndex, projects, tasks, workers, targetStore, scanHistory } = stores;
  const states = new TargetStates(targetStore, workers);
  const counter = new TargetCounter(states, targetStore, tasks);
  const list = new TargetList(targetStore, states);
  const prompt = <T>(call: () => Promise<T>) => promptRedisCall(redis, call);
  const overview = createOverview(stores);
  return {
    /** Of all projects. */
    overview: {
      projectIds: () => prompt(() => overview.projectIds()),
      projects: (ids: readonly string[]) => prompt(() => overview.projects(ids)),
      scans: (query: ScanQuery) => prompt(() => overview.scans(query)),
      rows: (ids: readonly string[]) => prompt(() => overview.rows(ids)),
      liveIds: () => prompt(() => overview.liveIds()),
      labels: (ids: readonly string[]) => prompt(() => overview.labels(ids)),
      atWork: () => prompt(() => overview.atWork()),
      dispatchHistory: () => prompt(() => overview.dispatchHistory()),
    },
    progress: (id: string) => prompt(() => view.progress(id)),
    /** What the streamed answer is written from; undefined while planning. */
    outcome: (id: string) => prompt(() => view.outcome(id)),
    /** What Redis holds of what the answers about these are made from, in bytes. */
    bytesKept: (ids: readonly string[]) => prompt(() => view.bytesKept(ids)),
    /** What was allowed and perhaps not meant, as far as it is known. */
    warnings: (id: string) => prompt(() => plans.warnings(id)),
    /** What a plan's answer needs beside its outcome. undefined: its rules are no longer kept. */
    planDetails: (id: string, signal: AbortSignal) =>
      prompt(() => planDetails(id, { ...stores, compute, signal })),
    /** The plans of a project, newest first. */
    plans: (project: string, query: SubmissionQuery) =>
      prompt(() => listPlans(project, query, { redis, index: planIndex, view })),
    /** The scans of a project, newest first. */
    submissions: (project: string, query: SubmissionQuery) =>
      prompt(() => listSubmissions(project, query, { index, view })),
    /** undefined: the project has no such scan, or nothing is kept of it any more. So it is with its targets. */
    submissionDetails: (project: string, id: string) =>
      prompt(() => submissionDetails(project, id, { view, states, counter, queues })),
    /** How it went, in points; undefined as there. */
    submissionHistory: (project: string, id: string) => prompt(() => scanHistory.read(project, id)),
    /** What the scans of a project had to do with an address or a name, newest first. */
    explain: (project: string, asked: Asked, after: SubmissionPlace | undefined, signal: AbortSignal) =>
      prompt(() => explain(project, asked, after, { ...stores, states, compute, signal })),
    /** One page of the targets of a scan, with what became of each. */
    targets: (project: string, id: string, query: TargetQuery) => prompt(() => list.page(project, id, query)),
    /** Whether there is anything of the project that a stop would take back. */
    hasWork: (project: string) => prompt(() => projects.hasWork(project)),
    status: (project: string) => prompt(() => projectStatus(project, stores)),
    dispatchStatus: () => prompt(() => dispatchStatus({ ...stores, broker, publishQueue: queues.publish })),
    workers: () => prompt(() => workers.workers()),
    metrics: () => prompt(() => installationMetrics({ ...stores, redis, broker, queues })),
    /** Of this process. */
    brokerState: () => ({ connected: broker.connected, blocked: broker.blocked }),
  };
}
