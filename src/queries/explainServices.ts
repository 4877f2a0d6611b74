import type { TargetStore } from '../adapters/dispatch/targetStore.ts';
import type { RuleStore } from '../adapters/scopeRules/ruleStore.ts';
import type { SubmissionIndex } from '../adapters/submissions/index.ts';
import type { PlanStore } from '../adapters/submissions/planStore.ts';
import type { SubmissionView } from '../adapters/submissions/submissionView.ts';
import type { WorkerStore } from '../adapters/workers/workerStore.ts';
import type { Compute } from '../runtime/compute.ts';
import type { TargetStates } from './targetStates.ts';

/** Where the answers of explain come from. */
export interface ExplainServices {
  index: SubmissionIndex;
  view: SubmissionView;
  plans: PlanStore;
  ruleStore: RuleStore;
  targets: TargetStore;
  states: TargetStates;
  workers: WorkerStore;
  /** Threads, for what would hold up others. */
  compute: Compute;
  /** Aborted: nobody waits for the answer any more. */
  signal?: AbortSignal;
}
