import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { AuditTrail } from '../adapters/audit/trail.ts';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { promptRedisCall, redisCall } from '../adapters/redis/redis.ts';
import { createStores, type StoreLimits } from '../adapters/redis/stores.ts';
import type { ExclusionStore } from '../adapters/scopeRules/exclusionStore.ts';
import type { SubmissionPlace } from '../adapters/submissions/index.ts';
import type { Outcome } from '../adapters/submissions/submissionView.ts';
import type { WorkerInfo } from '../adapters/workers/workerStore.ts';
import { HOUSEKEEPING, HOUSEKEEPING_DESCRIPTION } from '../jobs/chores/chores.ts';
import type { NewSubmission, Progress, User, Warning } from '../model/submission.ts';
import { type Asked, type Explained, explain } from '../queries/explain.ts';
import { type PlanDetails, planDetails } from '../queries/planDetails.ts';
import { listPlans, type PlanPage } from '../queries/planList.ts';
import { type ProjectStatus, projectStatus } from '../queries/projectStatus.ts';
import { type SubmissionDetails, submissionDetails } from '../queries/submissionDetails.ts';
import { listSubmissions, type SubmissionPage, type SubmissionQuery } from '../queries/submissionList.ts';
import { TargetCounter } from '../queries/targetCounts.ts';
import { TargetList, type TargetPage, type TargetQuery } from '../queries/targetList.ts';
import { TargetStates } from '../queries/targetStates.ts';
import type { Compute } from '../runtime/compute.ts';
import type { Logger } from '../runtime/log.ts';
import { deletePlan } from './endPlans.ts';
import { closeQueues, openProducer, openQueue, openQueues, pausedQueues } from './queues.ts';
import { type Stopped, stop } from './stop.ts';
import type { SubmissionEvents } from './submissionEvents.ts';
import { runPlan, submit } from './submit.ts';
import { FLOW } from './tree.ts';
import { untilPlanned } from './untilPlanned.ts';

/** What the API does with submissions. Every method throws ServiceUnavailableError('redis') when Redis does not answer. */
export interface Flows {
  /** Adds the flow, or joins the one of the same request by the same user that is still planning. */
  submit(submission: NewSubmission, note?: AuditNote): Promise<{ id: string; joined: boolean }>;
  /** Scans what a plan came to; asking again joins that scan. undefined: there is no such plan, or it is not made yet. */
  runPlan(
    request: { plan: string; project: string; user: User },
    note?: AuditNote,
  ): Promise<{ id: string; joined: boolean } | undefined>;
  /** Resolves when planning is over (a state other than 'planning'), or after timeoutMs with the numbers so far. */
  untilPlanned(id: string, timeoutMs: number): Promise<Progress>;
  progress(id: string): Promise<Progress | undefined>;
  /** What the streamed answer is written from; undefined while planning. */
  outcome(id: string): Promise<Outcome | undefined>;
  /** What Redis holds of what the answers about these are made from, in bytes. */
  bytesKept(ids: readonly string[]): Promise<number>;
  /** What was allowed and perhaps not meant, as far as it is known. */
  warnings(id: string): Promise<Warning[]>;
  /** What a plan's answer needs beside its outcome. Only while that is known. */
  /** undefined: its rules are no longer kept. */
  planDetails(id: string, signal: AbortSignal): Promise<PlanDetails | undefined>;
  /** The plans of a project, newest first. */
  plans(project: string, query: SubmissionQuery): Promise<PlanPage>;
  /** false: the project has no such plan. Throws BusyError when it takes longer: it goes on by itself. */
  deletePlan(project: string, id: string, note?: AuditNote): Promise<boolean>;
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
  /** Takes everything of a project back; see stop.ts. Throws ServiceUnavailableError('rabbitmq') when only a part could be. */
  stop(project: string, note?: AuditNote): Promise<Stopped>;
  /** Whether there is anything of the project that a stop would take back. */
  hasWork(project: string): Promise<boolean>;
  /** What projects leave out of every scan. */
  exclusions: Pick<ExclusionStore, 'all' | 'add' | 'replace' | 'remove' | 'bytesKept'>;
  /** What people did. `note` is for what is changed elsewhere than by these methods; it never rejects. */
  audit: Pick<AuditTrail, 'note' | 'page'>;
  status(project: string): Promise<ProjectStatus>;
  workers(): Promise<Record<string, WorkerInfo>>;
  /** Names of the queues that somebody paused. */
  pausedQueues(): Promise<string[]>;
  /** The BullMQ queues for the board: those of the flow in its order, then housekeeping. */
  readonly queues: readonly { queue: Queue; description: string; flow: boolean }[];
}

export interface FlowsOptions {
  /** Fails fast: somebody waits for each answer. */
  redis: Redis;
  events: SubmissionEvents;
  broker: Broker;
  /** Threads, for what would hold up the other requests. */
  compute: Compute;
  limits: StoreLimits;
  log: Logger;
}

export function createFlows({
  redis,
  events,
  broker,
  compute,
  limits,
  log,
}: FlowsOptions): Flows & { close(): Promise<void> } {
  const queues = openQueues(redis);
  const housekeeping = openQueue(HOUSEKEEPING, redis);
  const producer = openProducer(redis);
  const stores = createStores(redis, compute, limits);
  const { view, plans, index, tasks, workers, targetStore, exclusions, trail } = stores;
  const states = new TargetStates(targetStore, workers);
  const counter = new TargetCounter(states, targetStore, tasks);
  const list = new TargetList(targetStore, states);
  const services = { ...stores, redis, broker, producer, queues, log };
  const prompt = <T>(call: () => Promise<T>) => promptRedisCall(redis, call);
  const onBoard: Flows['queues'] = [
    ...Object.values(FLOW).map(({ name, description }) => ({ queue: queues[name], description, flow: true })),
    { queue: housekeeping, description: HOUSEKEEPING_DESCRIPTION, flow: false },
  ];
  return {
    submit: (submission, note) => prompt(() => submit(submission, services, note)),
    runPlan: (request, note) => prompt(() => runPlan(request, services, note)),
    untilPlanned: (id, timeoutMs) =>
      untilPlanned(id, timeoutMs, { progress: () => prompt(() => view.progress(id)), events }),
    progress: (id) => prompt(() => view.progress(id)),
    outcome: (id) => prompt(() => view.outcome(id)),
    bytesKept: (ids) => prompt(() => view.bytesKept(ids)),
    warnings: (id) => prompt(() => plans.warnings(id)),
    planDetails: (id, signal) => prompt(() => planDetails(id, { ...stores, compute }, signal)),
    plans: (project, query) =>
      prompt(() => listPlans(project, query, { redis, index: stores.planIndex, view })),
    deletePlan: (project, id, note) => redisCall(() => deletePlan(id, project, services, note)),
    submissions: (project, query) => prompt(() => listSubmissions(project, query, { index, view })),
    submissionDetails: (project, id) =>
      prompt(() => submissionDetails(project, id, { view, states, counter, queues })),
    explain: (project, asked, after, signal) =>
      prompt(() =>
        explain(project, asked, after, { ...stores, targets: targetStore, states, compute, signal }),
      ),
    targets: (project, id, query) => prompt(() => list.page(project, id, query)),
    stop: (project, note) => redisCall(() => stop(project, services, note)),
    audit: {
      note: (note) => trail.note(note),
      page: (project, query) => prompt(() => trail.page(project, query)),
    },
    hasWork: (project) => prompt(() => stores.projects.hasWork(project)),
    exclusions: {
      all: (project) => prompt(() => exclusions.all(project)),
      bytesKept: (project) => prompt(() => exclusions.bytesKept(project)),
      add: (...given) => prompt(() => exclusions.add(...given)),
      replace: (...given) => prompt(() => exclusions.replace(...given)),
      remove: (...given) => prompt(() => exclusions.remove(...given)),
    },
    status: (project) => prompt(() => projectStatus(project, stores)),
    workers: () => prompt(() => workers.workers()),
    pausedQueues: () => prompt(() => pausedQueues(onBoard.map(({ queue }) => queue))),
    queues: onBoard,
    close: async () => {
      await producer.close();
      await closeQueues(queues);
      await housekeeping.close();
    },
  };
}
