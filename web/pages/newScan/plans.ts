import type { Schema } from '../../../src/client/client.ts';
import { call } from '../../state/calls.ts';

const ASK_AGAIN_MS = 1_000;

/** Makes a plan and waits until it is made, however long that takes. */
export async function makePlan(project: string, request: Schema<'ScanRequest'>): Promise<Schema<'Plan'>> {
  let answer = await call('makePlan', { path: { project_id: project }, body: request });
  while (!isWhole(answer)) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    answer = await call('getPlan', { path: { project_id: project, plan_id: answer.plan.id } });
  }
  return answer;
}

/** Until it is made, only its numbers are known. */
function isWhole(answer: Schema<'Plan'> | Schema<'PlanNumbers'>): answer is Schema<'Plan'> {
  return 'entries' in answer;
}
