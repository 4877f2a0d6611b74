import { createHash, randomUUID, webcrypto } from 'node:crypto';
import type { FlowProducer, Queue } from 'bullmq';
import type { NewSubmission, StageName } from '../adapters/submission.ts';
import type { SubmissionStore } from '../adapters/submissionStore.ts';
import { jobIdOf } from '../jobs/stage.ts';
import { flowOf } from './tree.ts';

interface SubmitServices {
  submissions: SubmissionStore;
  producer: FlowProducer;
  queues: Readonly<Record<StageName, Queue>>;
}

/**
 * Adds the submission's flow. The same request by the same user joins the one that is still planning; a stage of it
 * that gave up is tried again then, since that is what sending it again asks for.
 */
export async function submit(
  submission: NewSubmission,
  { submissions, producer, queues }: SubmitServices,
): Promise<{ id: string; joined: boolean }> {
  const ownId = randomUUID();
  const id = await submissions.begin(ownId, submission, await requestHashOf(submission));
  if (id === ownId) {
    await producer.add(flowOf(id));
    return { id, joined: false };
  }
  const root = await queues.submission.getJob(jobIdOf('submission', { submission: id }));
  // A process that died between the two steps left no flow behind. Adding it twice changes nothing.
  if (!root) await producer.add(flowOf(id));
  else await retryFailed(id, { submissions, queues });
  return { id, joined: true };
}

/** Gives every job of the flow that gave up all its tries again. */
async function retryFailed(
  id: string,
  { submissions, queues }: Omit<SubmitServices, 'producer'>,
): Promise<void> {
  for (const { stage, jobId, noted } of await submissions.failures(id)) {
    const job = await queues[stage].getJob(jobId);
    if (!job || !(await job.isFailed())) continue;
    try {
      await job.retry('failed', { resetAttemptsMade: true });
    } catch (error) {
      // Somebody else retried it in the same moment: that is all we wanted.
      if (await job.isFailed()) throw error;
    }
    await submissions.failureSeen(id, jobId, noted);
  }
}

async function requestHashOf({ user, options, entries, invalid }: NewSubmission): Promise<string> {
  const bytes = typeof entries === 'string' ? Buffer.from(entries) : entries;
  // Off the event loop: there may be megabytes.
  const digest = await webcrypto.subtle.digest('SHA-256', bytes);
  return createHash('sha256')
    .update(JSON.stringify([user.id, options, invalid]))
    .update(new Uint8Array(digest))
    .digest('base64url');
}
