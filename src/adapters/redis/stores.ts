import type { Redis } from 'ioredis';
import type { Compute } from '../../runtime/compute.ts';
import { AuditTrail } from '../audit/trail.ts';
import { AgainStore } from '../dispatch/againStore.ts';
import { BatchStore } from '../dispatch/batchStore.ts';
import { HistoryStore } from '../dispatch/historyStore.ts';
import { LimitStore } from '../dispatch/limitStore.ts';
import { LostStore } from '../dispatch/lostStore.ts';
import { PauseStore } from '../dispatch/pauseStore.ts';
import { SettingsStore } from '../dispatch/settingsStore.ts';
import { TargetStore } from '../dispatch/targetStore.ts';
import { TaskTimes } from '../dispatch/taskTimes.ts';
import { TurnStore } from '../dispatch/turnStore.ts';
import { WindowStore } from '../dispatch/windowStore.ts';
import { EventStore } from '../events/eventStore.ts';
import { MetricStore } from '../metrics/metricStore.ts';
import { ProjectStore } from '../projects/projectStore.ts';
import type { Quotas } from '../quota/quota.ts';
import { ExclusionStore } from '../scopeRules/exclusionStore.ts';
import { ReceiptStore } from '../scopeRules/receiptStore.ts';
import { RuleStore } from '../scopeRules/ruleStore.ts';
import { RulesToApply } from '../scopeRules/rulesToApply.ts';
import { SessionStore } from '../sessions/sessionStore.ts';
import { CancelStore } from '../submissions/cancelStore.ts';
import { DecisionStore } from '../submissions/decisionStore.ts';
import { FollowStore } from '../submissions/followStore.ts';
import { ProjectIndex, SubmissionIndex } from '../submissions/index.ts';
import { LaterStore } from '../submissions/laterStore.ts';
import { PlanStore } from '../submissions/planStore.ts';
import { ScanHistoryStore } from '../submissions/scanHistory.ts';
import { ScanNumbersStore } from '../submissions/scanNumbers.ts';
import { SubmissionStore } from '../submissions/submissionStore.ts';
import { SubmissionView } from '../submissions/submissionView.ts';
import { WebhookStore } from '../webhooks/webhookStore.ts';
import { EndedStore } from '../workers/endedStore.ts';
import { WorkerPresence } from '../workers/presence.ts';
import { RecallStore } from '../workers/recallStore.ts';
import { StartStore } from '../workers/startStore.ts';
import { TaskStore } from '../workers/taskStore.ts';
import { WorkerStore } from '../workers/workerStore.ts';

export type Stores = ReturnType<typeof createStores>;

export interface StoreLimits {
  /** @default no limits */
  quotas?: Quotas;
  /** Of a project; 0: any number. */
  maxExclusions?: number;
}

/** All that reads and writes Redis, on one connection. They fail as that connection does. */
export function createStores(redis: Redis, compute: Compute, { quotas, maxExclusions }: StoreLimits = {}) {
  return {
    submissions: new SubmissionStore(redis, quotas),
    view: new SubmissionView(redis),
    index: new SubmissionIndex(redis),
    projectIndex: new ProjectIndex(redis),
    scanNumbers: new ScanNumbersStore(redis),
    scanHistory: new ScanHistoryStore(redis),
    plans: new PlanStore(redis),
    planIndex: new SubmissionIndex(redis, 'plan'),
    decisions: new DecisionStore(redis),
    batches: new BatchStore(redis),
    targetStore: new TargetStore(redis),
    turnStore: new TurnStore(redis),
    windowStore: new WindowStore(redis),
    dispatchHistory: new HistoryStore(redis),
    again: new AgainStore(redis),
    limits: new LimitStore(redis),
    lost: new LostStore(redis),
    pauses: new PauseStore(redis),
    cancels: new CancelStore(redis),
    following: new FollowStore(redis),
    taskTimes: new TaskTimes(redis),
    dispatchSettings: new SettingsStore(redis),
    projects: new ProjectStore(redis),
    exclusions: new ExclusionStore(redis, maxExclusions),
    rulesToApply: new RulesToApply(redis),
    later: new LaterStore(redis),
    receipts: new ReceiptStore(redis),
    ruleStore: new RuleStore(redis, compute),
    tasks: new TaskStore(redis),
    workers: new WorkerStore(redis),
    presence: new WorkerPresence(redis),
    recalls: new RecallStore(redis),
    started: new StartStore(redis),
    metrics: new MetricStore(redis),
    projectEvents: new EventStore(redis),
    webhooks: new WebhookStore(redis),
    ended: new EndedStore(redis),
    trail: new AuditTrail(redis),
    sessions: new SessionStore(redis),
  };
}
