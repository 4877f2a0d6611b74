import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { AuditTrail } from '../adapters/audit/trail.ts';
import type { Broker } from '../adapters/rabbitmq/broker.ts';
import { promptRedisCall, redisCall } from '../adapters/redis/redis.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { ExclusionStore } from '../adapters/scopeRules/exclusionStore.ts';
import { HOUSEKEEPING, HOUSEKEEPING_DESCRIPTION } from '../jobs/chores/housekeeping.ts';
import type { NewSubmission, Progress, StageName, User } from '../model/submission.ts';
import type { Logger } from '../runtime/log.ts';
import { deletePlan } from './endPlans.ts';
import { openProducer, openQueue, pausedQueues } from './queues.ts';
import { type Stopped, stop } from './stop.ts';
import type { SubmissionEvents } from './submissionEvents.ts';
import { runPlan, submit } from './submit.ts';
import { FLOW } from './tree.ts';
import { untilPlanned } from './untilPlanned.ts';

/** What the API changes. Every method throws ServiceUnavailableError('redis') when Redis does not answer. */
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
  /** false: the project has no such plan. Throws BusyError when it takes longer: it goes on by itself. */
  deletePlan(project: string, id: string, note?: AuditNote): Promise<boolean>;
  /** Takes everything of a project back; see stop.ts. Throws ServiceUnavailableError('rabbitmq') when only a part could be. */
  stop(project: string, note?: AuditNote): Promise<Stopped>;
  /** What projects leave out of every scan. */
  exclusions: Pick<ExclusionStore, 'all' | 'add' | 'replace' | 'remove' | 'bytesKept'>;
  /** What people did. `note` is for what is changed elsewhere than by these methods; it never rejects. */
  audit: Pick<AuditTrail, 'note' | 'page'>;
  /** Names of the queues that somebody paused. */
  pausedQueues(): Promise<string[]>;
  /** The BullMQ queues for the board: those of the flow in its order, then housekeeping. */
  readonly queues: readonly { queue: Queue; description: string; flow: boolean }[];
}

export interface FlowsOptions {
  /** Fails fast: somebody waits for each answer. */
  redis: Redis;
  stores: Stores;
  queues: Readonly<Record<StageName, Queue>>;
  events: SubmissionEvents;
  broker: Broker;
  log: Logger;
}

export function createFlows({
  redis,
  stores,
  queues,
  events,
  broker,
  log,
}: FlowsOptions): Flows & { close(): Promise<void> } {
  const housekeeping = openQueue(HOUSEKEEPING, redis);
  const producer = openProducer(redis);
  const { view, exclusions, trail } = stores;
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
    deletePlan: (project, id, note) => redisCall(() => deletePlan(id, project, services, note)),
    stop: (project, note) => redisCall(() => stop(project, services, note)),
    audit: {
      note: (note) => trail.note(note),
      page: (project, query) => prompt(() => trail.page(project, query)),
    },
    exclusions: {
      all: (project) => prompt(() => exclusions.all(project)),
      bytesKept: (project) => prompt(() => exclusions.bytesKept(project)),
      add: (...given) => prompt(() => exclusions.add(...given)),
      replace: (...given) => prompt(() => exclusions.replace(...given)),
      remove: (...given) => prompt(() => exclusions.remove(...given)),
    },
    pausedQueues: () => prompt(() => pausedQueues(onBoard.map(({ queue }) => queue))),
    queues: onBoard,
    close: async () => {
      await producer.close();
      await housekeeping.close();
    },
  };
}
