import type { Queue } from 'bullmq';
import type { BatchStore } from '../adapters/dispatch/batchStore.ts';
import type { SubmissionStore } from '../adapters/submissions/submissionStore.ts';
import { jobIdOf } from '../jobs/runner/stage.ts';
import type { Turns } from '../jobs/runner/turns.ts';
import type { StageName } from '../model/submission.ts';
import { batchLength, LANES, nextBatches } from '../targets/order/batches.ts';

/** Until the part is sent it is charged as if it were so many tasks. */
export const USUAL_PART = 16;

export interface RenumberServices {
  submissions: SubmissionStore;
  batches: BatchStore;
  turns: Turns;
  queues: Readonly<Record<StageName, Queue>>;
}

/** Gives the jobs of a submission that wait new places in the order, by what is known now. */
export async function renumber(
  submission: string,
  { submissions, batches, turns, queues }: RenumberServices,
): Promise<void> {
  const facts = await submissions.find(submission);
  if (facts === undefined) return;
  const { id, project, total = 0 } = facts;
  for (const { batch, offset } of nextBatches(await batches.sentByLane(id, LANES), total)) {
    const job = await queues.publish.getJob(jobIdOf('publish', { submission: id, index: batch }));
    // Of one that is at work nothing changes; one that has ended meanwhile was followed by one with a new place.
    if (job === undefined) continue;
    const tasks = Math.min(USUAL_PART, batchLength(total, batch) - offset);
    const priority = await turns.next({ id, project }, { lane: batch % LANES, tasks });
    await job.changePriority({ priority });
  }
}
