import { FAILED_PLAN_LIFE_MS } from '../adapters/submissions/endScripts.ts';
import type { SubmissionFacts } from '../adapters/submissions/facts.ts';
import type { FailedJob } from '../adapters/submissions/obstacles.ts';
import type { FlowServices } from './flowServices.ts';
import { deletePlan } from './stop/endPlans.ts';
import { REMOVE_IN_CHORE_MS, removeFlow } from './stop/removeFlow.ts';

const HOUR_MS = 3_600_000;
/** As long as its rules are kept: it holds targets of its project, and somebody may want it. */
const FAILED_SCAN_LIFE_MS = 14 * 24 * HOUR_MS;

/** Ends what failed and waits for a retry that nobody asks for any more. Gives which were ended. */
export async function expireFailed(
  failed: ReadonlyMap<string, readonly FailedJob[]>,
  services: FlowServices,
  nowMs: number,
): Promise<string[]> {
  const ended: string[] = [];
  for (const [id, jobs] of failed) {
    const waitsMs = nowMs - Math.max(...jobs.map(({ failedAtMs }) => failedAtMs));
    if (waitsMs < FAILED_PLAN_LIFE_MS) continue;
    const facts = await services.submissions.find(id);
    if (facts === undefined) continue;
    const isPlan = facts.kind === 'plan';
    if (!isPlan && waitsMs < FAILED_SCAN_LIFE_MS) continue;
    services.log.warn(
      { submission: id, project: facts.project, kind: facts.kind, reason: jobs[0]?.reason },
      'ended: it failed long ago, and nobody tried it again',
    );
    if (isPlan) await deletePlan(id, facts.project, services);
    else await endScan(facts, services);
    ended.push(id);
  }
  return ended;
}

/** What was sent stays sent. The next look goes on where this one dies. */
async function endScan(
  { id, project }: SubmissionFacts,
  { submissions, queues }: FlowServices,
): Promise<void> {
  await submissions.giveUp(id);
  await removeFlow(queues, id, REMOVE_IN_CHORE_MS);
  await submissions.finish(id, project);
}
