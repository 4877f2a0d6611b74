import type { RuleStore } from '../adapters/scopeRules/ruleStore.ts';
import type { PlanStore } from '../adapters/submissions/planStore.ts';
import type { ResolvedName, Warning } from '../model/submission.ts';
import type { CompiledRules } from '../targets/scope/compiledRules.ts';
import type { AddressSet } from '../targets/sets/addressSet.ts';

export interface PlanDetails {
  /** The rules that it was planned under. */
  rules: CompiledRules;
  /** What the names of the exclusions came to. */
  excluded: readonly ResolvedName[];
  /** What the names came to. */
  resolved: ResolvedName[];
  /** The addresses that are targets by themselves, whatever names lead to them. */
  listed: AddressSet;
  warnings: Warning[];
}

/** undefined: its rules are no longer kept. */
export async function planDetails(
  id: string,
  plans: PlanStore,
  ruleStore: RuleStore,
): Promise<PlanDetails | undefined> {
  const { shared, request, excluded } = await plans.rules(id);
  const [rules, resolved, listed, warnings] = await Promise.all([
    ruleStore.compiledOf(shared, request),
    plans.resolved(id),
    plans.expanded(id),
    plans.warnings(id),
  ]);
  return rules && { rules, excluded, resolved, listed, warnings };
}
