import type { Stores } from '../adapters/redis/stores.ts';
import type { Found } from '../adapters/submissions/planStore.ts';
import { compileScope, findCovered } from '../jobs/longWork.ts';
import type { ResolvedName, Warning } from '../model/submission.ts';
import type { Compute } from '../runtime/compute.ts';
import { decodeResolved } from '../targets/resolutionCodec.ts';
import { laterRules } from '../targets/scope/laterRules.ts';
import type { Scope } from '../targets/scope/scope.ts';

interface PlanDetails {
  /** The rules that it was planned under. */
  scope: Scope;
  /** What the names came to. */
  resolved: ResolvedName[];
  /** By the number of an entry, those that hold all of its addresses too. */
  covered: ReadonlyMap<number, readonly number[]>;
  warnings: Warning[];
}

export interface PlanServices extends Pick<Stores, 'plans' | 'view' | 'ruleStore'> {
  /** Threads, for what would hold up others. */
  compute: Compute;
  /** Aborted: nobody waits for the answer any more. */
  signal?: AbortSignal;
}

/** undefined: its rules are no longer kept. @throws the signal's reason when it is aborted */
export async function planDetails(id: string, services: PlanServices): Promise<PlanDetails | undefined> {
  const { plans, view, compute, signal } = services;
  const found = await plans.found(id, signal);
  const scope = await plannedScope(id, found, services);
  if (scope === undefined) return undefined;
  const networkAndBroadcast = await view.networkAndBroadcast(id);
  const [covered, warnings] = await Promise.all([
    plans.entryBytes(id).then((lines) => findCovered(lines, { networkAndBroadcast }, compute, signal)),
    plans.warnings(id),
  ]);
  return { scope, resolved: found.resolved.flatMap(decodeResolved), covered, warnings };
}

/** The rules under which it was planned; undefined while it is still being planned, or when they are no longer kept. */
export async function plannedScope(
  id: string,
  { expanded, resolved }: Found,
  { plans, ruleStore, compute, signal }: PlanServices,
): Promise<Scope | undefined> {
  const kept = await plans.rulesIfKnown(id);
  if (kept === undefined) return undefined;
  const rules = await ruleStore.compiledOf(kept.shared, kept.request, laterRules(kept.later ?? []));
  if (rules === undefined) return undefined;
  return compileScope({ rules, expanded, resolved, excluded: kept.excluded }, compute, signal);
}

/** What was taken out of it later, by itself; undefined: nothing was. Names count as they were planned. */
export async function laterScope(
  id: string,
  { expanded, resolved }: Found,
  { plans, ruleStore, compute, signal }: PlanServices,
): Promise<Scope | undefined> {
  const later = await plans.later(id);
  if (later.length === 0) return undefined;
  const rules = await ruleStore.compiledAlone(laterRules(later));
  return compileScope({ rules, expanded, resolved, excluded: [] }, compute, signal);
}
