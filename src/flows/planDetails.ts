import type { PlanRules, PlanStore, ResolvedName } from '../adapters/planStore.ts';
import type { Warning } from '../adapters/submission.ts';

export interface PlanDetails {
  rules: PlanRules;
  /** What the names came to. */
  resolved: ResolvedName[];
  warnings: Warning[];
}

export async function planDetails(id: string, plans: PlanStore): Promise<PlanDetails> {
  const [rules, resolved, warnings] = await Promise.all([
    plans.rules(id),
    plans.resolved(id),
    plans.warnings(id),
  ]);
  return { rules, resolved, warnings };
}
