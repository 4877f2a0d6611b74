import type { PlanStore } from '../adapters/planStore.ts';
import type { RuleStore } from '../adapters/ruleStore.ts';
import type { SubmissionIndex } from '../adapters/submissionIndex.ts';
import type { SubmissionView } from '../adapters/submissionView.ts';
import type { TargetStore } from '../adapters/targetStore.ts';
import type { WorkerStore } from '../adapters/workerStore.ts';
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
  /** Aborted: nobody waits for the answer any more. */
  signal?: AbortSignal;
}
