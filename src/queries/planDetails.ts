import type { RuleStore } from '../adapters/scopeRules/ruleStore.ts';
import type { PlanStore } from '../adapters/submissions/planStore.ts';
import type { SubmissionView } from '../adapters/submissions/submissionView.ts';
import { compileScope, findCovered } from '../jobs/longWork.ts';
import type { ResolvedName, Warning } from '../model/submission.ts';
import type { Compute } from '../runtime/compute.ts';
import { decodeResolved } from '../targets/resolutionCodec.ts';
import type { Scope } from '../targets/scope/scope.ts';

export interface PlanDetails {
  /** The rules that it was planned under. */
  scope: Scope;
  /** What the names came to. */
  resolved: ResolvedName[];
  /** By the number of an entry, those that hold all of its addresses too. */
  covered: ReadonlyMap<number, readonly number[]>;
  warnings: Warning[];
}

interface PlanServices {
  plans: PlanStore;
  view: SubmissionView;
  ruleStore: RuleStore;
  compute: Compute;
}

/** undefined: its rules are no longer kept. @throws the signal's reason when it is aborted */
export async function planDetails(
  id: string,
  { plans, view, ruleStore, compute }: PlanServices,
  signal: AbortSignal,
): Promise<PlanDetails | undefined> {
  const { shared, request, excluded } = await plans.rules(id);
  const rules = await ruleStore.compiledOf(shared, request);
  if (rules === undefined) return undefined;
  const { expanded, resolved: texts } = await plans.found(id, signal);
  const scope = await compileScope({ rules, expanded, resolved: texts, excluded }, compute, signal);
  const networkAndBroadcast = await view.networkAndBroadcast(id);
  const [covered, warnings] = await Promise.all([
    plans.entryBytes(id).then((lines) => findCovered(lines, { networkAndBroadcast }, compute, signal)),
    plans.warnings(id),
  ]);
  return { scope, resolved: texts.flatMap(decodeResolved), covered, warnings };
}
