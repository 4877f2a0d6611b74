import type { PlanStore } from '../adapters/planStore.ts';
import type { PlanRules, ResolvedName, Warning } from '../adapters/submission.ts';
import type { AddressSet } from '../targets/addressSet.ts';

export interface PlanDetails {
  rules: PlanRules;
  /** What the names came to. */
  resolved: ResolvedName[];
  /** The addresses that are targets by themselves, whatever names lead to them. */
  listed: AddressSet;
  warnings: Warning[];
}

export async function planDetails(id: string, plans: PlanStore): Promise<PlanDetails> {
  const [rules, resolved, listed, warnings] = await Promise.all([
    plans.rules(id),
    plans.resolved(id),
    plans.expanded(id),
    plans.warnings(id),
  ]);
  return { rules, resolved, listed, warnings };
}
