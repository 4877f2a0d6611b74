import type { Queue, Telemetry } from 'bullmq';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { AuditTrail } from '../adapters/audit/trail.ts';
import type { OpenPause, Pause, PauseScope } from '../adapters/dispatch/pauseStore.ts';
import type { DispatchSettings } from '../adapters/dispatch/settingsStore.ts';
import type { EventStore } from '../adapters/events/eventStore.ts';
import { promptRedisCall, redisCall } from '../adapters/redis/redis.ts';
import type { Stores } from '../adapters/redis/stores.ts';
import type { ExclusionStore } from '../adapters/scopeRules/exclusionStore.ts';
import type { Receipt } from '../adapters/scopeRules/receiptStore.ts';
import type { RuleBook } from '../adapters/scopeRules/ruleBook.ts';
import type { SessionStore } from '../adapters/sessions/sessionStore.ts';
import type { Cancel } from '../adapters/submissions/cancelStore.ts';
import type { WebhookStore } from '../adapters/webhooks/webhookStore.ts';
import { HOUSEKEEPING, HOUSEKEEPING_DESCRIPTION } from '../jobs/chores/housekeeping.ts';
import type { ScopeCache } from '../jobs/publish/scopeCache.ts';
import { Turns } from '../jobs/runner/turns.ts';
import { openWebhookQueue, WEBHOOKS_DESCRIPTION } from '../jobs/webhooks/queue.ts';
import type { NewSubmission, Priority } from '../model/submission.ts';
import type { FlowServices } from './flowServices.ts';
import { retryFailed } from './heal/retryFailed.ts';
import { openProducer, openQueue, pausedQueues } from './queues.ts';
import { retryStages } from './resume.ts';
import { setPriority } from './setPriority.ts';
import { cancel } from './stop/cancel.ts';
import { deletePlan } from './stop/endPlans.ts';
import { stop } from './stop/stop.ts';
import type { SubmissionEvents } from './submissionEvents.ts';
import { type PlanRun, runPlan, submit } from './submit.ts';
import { applyNow, receiptNow } from './takeBack/exclude.ts';
import { pause, resumePaused } from './takeBack/pause.ts';
import { type TakeOut, takeOut } from './takeBack/takeOut.ts';
import { FLOW } from './tree.ts';
import { untilPlanned } from './untilPlanned.ts';

/** What the API changes. Every method throws ServiceUnavailableError('redis') when Redis does not answer. */
export type Flows = Omit<ReturnType<typeof createFlows>, 'close'>;

/** `redis` fails fast: somebody waits for each answer. */
export interface FlowsOptions extends Pick<FlowServices, 'redis' | 'queues' | 'broker' | 'log'> {
  /** Of this process: what new exclusions are about is ended by whoever adds them. */
  scopeCache: ScopeCache;
  rules: RuleBook;
  stores: Stores;
  events: SubmissionEvents;
  telemetry?: Telemetry | undefined;
}

export function createFlows(options: FlowsOptions) {
  const { redis, stores, queues, events, broker, rules, scopeCache, log } = options;
  const housekeeping = openQueue(HOUSEKEEPING, redis);
  const calls = openWebhookQueue(redis);
  const producer = openProducer(redis, options.telemetry);
  const { view, exclusions, trail } = stores;
  const turns = new Turns(stores.turnStore, queues.publish);
  const services = { ...stores, redis, broker, producer, queues, turns, rules, scopeCache, log };
  const prompt = <T>(call: () => Promise<T>) => promptRedisCall(redis, call);
  const onBoard: readonly { queue: Queue; description: string; flow: boolean }[] = [
    ...Object.values(FLOW).map(({ name, description }) => ({ queue: queues[name], description, flow: true })),
    { queue: calls, description: WEBHOOKS_DESCRIPTION, flow: false },
    { queue: housekeeping, description: HOUSEKEEPING_DESCRIPTION, flow: false },
  ];
  return {
    /** Adds the flow, or joins the one of the same request by the same user that is still planning. */
    submit: (submission: NewSubmission, note?: AuditNote) => prompt(() => submit(submission, services, note)),
    /** Scans what a plan came to; asking again joins that scan. undefined: there is no such plan, or it is not made yet. */
    runPlan: (request: PlanRun, note?: AuditNote) => prompt(() => runPlan(request, services, note)),
    /** Resolves when planning is over (a state other than 'planning'), or after timeoutMs with the numbers so far. */
    untilPlanned: (id: string, timeoutMs: number) =>
      untilPlanned(id, timeoutMs, { progress: () => prompt(() => view.progress(id)), events }),
    /** false: the project has no such plan. Throws BusyError when it takes longer: it goes on by itself. */
    deletePlan: (project: string, id: string, note?: AuditNote) =>
      redisCall(() => deletePlan(id, project, services, note)),
    /** Takes everything of a project back. Throws ServiceUnavailableError('rabbitmq') when only a part could be. */
    stop: (project: string, note?: AuditNote) => redisCall(() => stop(project, services, note)),
    /** From its next batch on. `ended`: nothing of it is left to be sent. */
    setPriority: (change: { project: string; id: string; priority: Priority }, note?: AuditNote) =>
      prompt(() => setPriority(change, { ...services, turns }, note)),
    /** Nothing more is sent, and what is ready in RabbitMQ comes back. `ended`: nothing of it is left to be sent. */
    pause: (scope: PauseScope, by: Pause & Pick<OpenPause, 'running'>, note?: AuditNote) =>
      redisCall(() => pause(scope, by, services, note)),
    resume: (scope: PauseScope, note?: AuditNote) => redisCall(() => resumePaused(scope, services, note)),
    /** Takes one scan back, for good. */
    cancel: (asked: Cancel, note?: AuditNote) => redisCall(() => cancel(asked, services, note)),
    /** Has the dead letters of a scan sent again. `ended`: it is stopped. */
    retryFailed: (scan: { project: string; id: string }, note?: AuditNote) =>
      redisCall(() => retryFailed(scan, services, note)),
    /** Has the stages of a scan that gave up tried again. */
    retryStages: (scan: { project: string; id: string }, note: AuditNote) =>
      redisCall(() => retryStages(scan, services, note)),
    /** Who paused everything; undefined: nobody. */
    pausedAll: () => prompt(() => stores.pauses.find({})),
    dispatchSettings: {
      read: (project: string) => prompt(() => stores.dispatchSettings.read(project)),
      write: (project: string, settings: DispatchSettings, note?: AuditNote) =>
        prompt(() => stores.dispatchSettings.write(project, settings, note)),
    },
    /** What people did. `note` is for what is changed elsewhere than by these methods; it never rejects. */
    audit: {
      note: (note: AuditNote) => trail.note(note),
      page: (...given: Parameters<AuditTrail['page']>) => prompt(() => trail.page(...given)),
    },
    /** What has happened in a project, oldest first. */
    events: (...given: Parameters<EventStore['page']>) => prompt(() => stores.projectEvents.page(...given)),
    /** Who is told of it. */
    webhooks: {
      all: (project: string) => prompt(() => stores.webhooks.all(project)),
      replace: (...given: Parameters<WebhookStore['replace']>) =>
        prompt(() => stores.webhooks.replace(...given)),
    },
    /** Sessions of browsers, and links that begin one. */
    sessions: {
      begin: (...given: Parameters<SessionStore['begin']>) => prompt(() => stores.sessions.begin(...given)),
      find: (secret: string) => prompt(() => stores.sessions.find(secret)),
      end: (...given: Parameters<SessionStore['end']>) => prompt(() => stores.sessions.end(...given)),
      makeLink: (...given: Parameters<SessionStore['makeLink']>) =>
        prompt(() => stores.sessions.makeLink(...given)),
      useLink: (secret: string) => prompt(() => stores.sessions.useLink(secret)),
    },
    /** What projects leave out of every scan. */
    exclusions: {
      all: (project: string) => prompt(() => exclusions.all(project)),
      bytesKept: (project: string) => prompt(() => exclusions.bytesKept(project)),
      add: (...given: Parameters<ExclusionStore['add']>) => prompt(() => exclusions.add(...given)),
      replace: (...given: Parameters<ExclusionStore['replace']>) =>
        prompt(() => exclusions.replace(...given)),
      remove: (...given: Parameters<ExclusionStore['remove']>) => prompt(() => exclusions.remove(...given)),
    },
    /** Applies exclusions that were just written to all that is not done. */
    applyNow: (receipt: Receipt) => redisCall(() => applyNow(receipt, services)),
    /** Takes targets out of one scan, or of all of a project that have something left. */
    takeOut: (asked: TakeOut, note?: AuditNote) => redisCall(() => takeOut(asked, services, note)),
    /** What is still out of what exclusions are about. undefined: the project has no such receipt. */
    receipt: (project: string, id: string) => redisCall(() => receiptNow(project, id, services)),
    /** Names of the queues that somebody paused. */
    pausedQueues: () => prompt(() => pausedQueues(onBoard.map(({ queue }) => queue))),
    /** The BullMQ queues for the board: those of the flow in its order, then webhooks and housekeeping. */
    queues: onBoard,
    close: async () => {
      await producer.close();
      await calls.close();
      await housekeeping.close();
    },
  };
}
