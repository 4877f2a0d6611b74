import { createHash, randomUUID } from 'node:crypto';
import type { FlowJob, FlowProducer, Queue } from 'bullmq';
import { v5 as uuidV5 } from 'uuid';
import type { NewSubmission, StageName, User } from '../adapters/submission.ts';
import type { SubmissionStore } from '../adapters/submissionStore.ts';
import { jobIdOf } from '../jobs/stage.ts';
import { othersTurn } from '../turns.ts';
import { flowOf, plannedFlowOf } from './tree.ts';

/** Bytes: a millisecond or two. */
const HASHED_AT_ONCE = 2 ** 20;

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
  await resume(id, flowOf(id), { submissions, producer, queues });
  return { id, joined: true };
}

/** Namespace of the ids of scans that run a plan: UUID v5 of the plan's id. */
const PLANNED_SCANS = '0b0c1f5e-6f0c-4b0e-9a43-5d7a1c8e2f11';

/**
 * Adds the flow that scans what a plan came to. Each plan runs once: asking again joins the scan it has become,
 * whatever its state. undefined: there is no such plan (any more), or it is still being made.
 */
export async function runPlan(
  request: { plan: string; project: string; user: User },
  services: SubmitServices,
): Promise<{ id: string; joined: boolean } | undefined> {
  const id = uuidV5(request.plan, PLANNED_SCANS);
  const begun = await services.submissions.beginPlanned(id, request);
  if (begun === 'unplanned') return undefined;
  if (begun === 'begun') await services.producer.add(plannedFlowOf(id));
  else if (await services.submissions.isOpen(id, request.project))
    await resume(id, plannedFlowOf(id), services);
  return { id, joined: begun === 'known' };
}

async function resume(id: string, flow: FlowJob, { submissions, producer, queues }: SubmitServices) {
  const root = await queues.submission.getJob(jobIdOf('submission', { submission: id }));
  // A process that died between storing the submission and adding its flow left no flow behind. Adding it twice changes nothing.
  if (!root) await producer.add(flow);
  else await retryFailed(id, { submissions, queues });
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

async function requestHashOf({
  kind,
  user,
  options,
  entries,
  invalid,
  exclude,
  warnings,
}: NewSubmission): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([kind, user.id, options, invalid, exclude, warnings]),
  );
  const bytes = typeof entries === 'string' ? Buffer.from(entries) : entries;
  for (let start = 0; start < bytes.length; start += HASHED_AT_ONCE) {
    if (start > 0) await othersTurn();
    hash.update(bytes.subarray(start, start + HASHED_AT_ONCE));
  }
  return hash.digest('base64url');
}
