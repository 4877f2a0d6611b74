import type { Queue } from 'bullmq';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { BatchStore } from '../adapters/dispatch/batchStore.ts';
import type { SubmissionStore } from '../adapters/submissions/submissionStore.ts';
import { jobIdOf } from '../jobs/runner/stage.ts';
import type { Turns } from '../jobs/runner/turns.ts';
import type { Priority, StageName } from '../model/submission.ts';
import { batchLength, LANES, nextBatches } from '../targets/order/batches.ts';

/** Until the part is sent it is charged as if it were so many tasks. */
const USUAL_PART = 16;

interface PriorityServices {
  submissions: SubmissionStore;
  batches: BatchStore;
  turns: Turns;
  queues: Readonly<Record<StageName, Queue>>;
}

/** Changes the priority of a scan: its jobs that wait get new places, and those that follow are added by it. */
export async function setPriority(
  change: { project: string; id: string; priority: Priority },
  { submissions, batches, turns, queues }: PriorityServices,
  note?: AuditNote,
): Promise<'done' | 'ended' | 'unknown'> {
  const done = await submissions.setPriority(change, note);
  if (done !== 'done') return done;
  const { id, project, total = 0 } = await submissions.facts(change.id);
  for (const { batch, offset } of nextBatches(await batches.sentByLane(id, LANES), total)) {
    const job = await queues.publish.getJob(jobIdOf('publish', { submission: id, index: batch }));
    // Of one that is at work nothing changes; one that has ended meanwhile was followed by one with the new priority.
    if (job === undefined) continue;
    const tasks = Math.min(USUAL_PART, batchLength(total, batch) - offset);
    const priority = await turns.next({ id, project }, { lane: batch % LANES, tasks });
    await job.changePriority({ priority });
  }
  return done;
}
