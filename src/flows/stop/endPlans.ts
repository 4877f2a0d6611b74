import type { AuditNote } from '../../adapters/audit/entry.ts';
import type { FlowServices } from '../flowServices.ts';
import { REMOVE_DEADLINE_MS, REMOVE_IN_CHORE_MS, removeFlow } from './removeFlow.ts';

/**
 * Deletes a plan, made or not. false: the project has no such plan (any more).
 *
 * @throws BusyError when a job of it takes too long: {@link finishPlanEnds} goes on
 */
export async function deletePlan(
  id: string,
  project: string,
  services: FlowServices,
  note?: AuditNote,
): Promise<boolean> {
  if (!(await services.submissions.endPlan(id, project, note))) return false;
  await endPlans(new Map([[id, project]]), services, REMOVE_DEADLINE_MS);
  return true;
}

/** Brings those to their end that were begun by a process that died, or whose job took too long. Run now and then. */
export async function finishPlanEnds(services: FlowServices): Promise<void> {
  const begun = await services.submissions.endingPlans();
  await endPlans(new Map(Object.entries(begun)), services, REMOVE_IN_CHORE_MS);
}

/** The jobs first: when none is at work any more, nobody writes what would be left behind. One does not keep up others. */
export async function endPlans(
  plans: ReadonlyMap<string, string>,
  { submissions, queues }: FlowServices,
  withinMs: number,
): Promise<void> {
  const ends = [...plans].map(async ([id, project]) => {
    await removeFlow(queues, id, withinMs);
    await submissions.forget(id, project);
  });
  for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') throw end.reason;
}
