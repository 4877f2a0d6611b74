import type { Queue } from 'bullmq';
import type { AuditNote } from '../adapters/audit/entry.ts';
import type { BatchStore } from '../adapters/dispatch/batchStore.ts';
import type { SubmissionStore } from '../adapters/submissions/submissionStore.ts';
import { jobIdOf } from '../jobs/runner/stage.ts';
import type { Turns } from '../jobs/runner/turns.ts';
import type { Priority, StageName } from '../model/submission.ts';
import { batchLength, LANES, nextBatches } from '../targets/order/batches.ts';

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
  for (const batch of nextBatches(await batches.sentUpTo(id, LANES))) {
    const job = await queues.publish.getJob(jobIdOf('publish', { submission: id, index: batch }));
    // Of one that is at work nothing changes; one that has ended meanwhile was followed by one with the new priority.
    await job?.changePriority({ priority: await turns.next({ id, project }, batchLength(total, batch)) });
  }
  return done;
}
