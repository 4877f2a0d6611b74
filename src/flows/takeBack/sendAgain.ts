import { AGAIN } from '../../adapters/dispatch/batchStore.ts';
import { jobIdOf, jobOptionsOf } from '../../jobs/runner/stage.ts';
import type { Turns } from '../../jobs/runner/turns.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';
import { USUAL_PART } from '../renumber.ts';
import { FLOW } from '../tree.ts';

export interface AgainServices extends FlowServices {
  turns: Turns;
}

/** What has come back is sent again, also of submissions whose process died before it could see to that. Run now and then. */
export async function sendAgain(services: AgainServices): Promise<void> {
  for (const id of Object.keys(await services.submissions.open())) await addAgainOrLater(id, services);
}

/** Where that cannot be done now, because Redis is full for instance, {@link sendAgain} does it later. Never rejects. */
export async function addAgainOrLater(id: string, services: AgainServices): Promise<void> {
  await addAgain(id, services).catch((error: unknown) => {
    services.log.warn({ submission: id, err: messageOf(error) }, 'what has come back is not sent again yet');
  });
}

export const againJob = (submission: string) => jobIdOf('publish', { submission });

/** The job that sends what has come back. It has no parent: the root looks at the numbers. */
export async function addAgain(
  id: string,
  { again, submissions, queues, turns }: AgainServices,
): Promise<void> {
  const count = await again.count(id);
  if (count === 0) return;
  const facts = await submissions.find(id);
  if (facts?.state !== 'dispatching' || (await queues.publish.getJob(againJob(id))) !== undefined) return;
  const ref = { submission: id };
  const priority = await turns.next(facts, { lane: AGAIN, tasks: Math.min(count, USUAL_PART) });
  const options = { ...jobOptionsOf(FLOW.publish, ref), removeOnComplete: true, priority };
  await queues.publish.add('publish', ref, options);
}
