import type { AuditNote } from '../adapters/audit/entry.ts';
import type { SubmissionFacts } from '../adapters/submissions/facts.ts';
import { type FailedJob, readObstacles } from '../adapters/submissions/obstacles.ts';
import { jobIdOf } from '../jobs/runner/stage.ts';
import type { StageName } from '../model/submission.ts';
import type { FlowServices } from './flowServices.ts';
import { restOfFlow } from './tree.ts';

/** Brings an open submission on: adds its flow if that is not there, or tries again what gave up. */
export async function resume(id: string, services: FlowServices): Promise<void> {
  const facts = (await hasFlow(id, services)) ? undefined : await services.submissions.find(id);
  if (facts !== undefined) {
    await addFlow(facts, services);
    return;
  }
  for (const job of await failedJobs(id, services)) await retry(job, services);
}

/** Has the stages of a scan that gave up tried again; gives which. Noted before it is done, as on the board. */
export async function retryStages(
  { project, id }: { project: string; id: string },
  services: FlowServices,
  note: AuditNote,
): Promise<StageName[] | 'unknown'> {
  const facts = await services.submissions.find(id);
  if (facts?.kind !== 'scan' || facts.project !== project) return 'unknown';
  const jobs = await failedJobs(id, services);
  if (jobs.length > 0) await services.trail.note(note);
  for (const job of jobs) await retry(job, services);
  const stages = [...new Set(jobs.map(({ stage }) => stage))];
  services.log.info({ submission: id, project, stages }, 'stages that gave up are tried again');
  return stages;
}

async function failedJobs(id: string, { redis }: FlowServices): Promise<readonly FailedJob[]> {
  return (await readObstacles(redis, [id])).failed.get(id) ?? [];
}

export async function hasFlow(id: string, { queues }: FlowServices): Promise<boolean> {
  return (await queues.submission.getJob(jobIdOf('submission', { submission: id }))) !== undefined;
}

/**
 * The flow of a submission that has none: a process died between storing the submission and adding its flow, or
 * somebody deleted its jobs. Adding it twice changes nothing. `facts` must have been read after {@link hasFlow}: the
 * flow of one that is still open then is not gone because it ended. Gives whether it was.
 */
export async function addFlow(facts: SubmissionFacts, { producer }: FlowServices): Promise<boolean> {
  if (facts.state !== 'planning' && facts.state !== 'dispatching') return false;
  await producer.add(restOfFlow(facts));
  return true;
}

/** Gives a job that gave up all its tries again. */
export async function retry({ id, stage }: FailedJob, { queues }: FlowServices): Promise<void> {
  const job = await queues[stage].getJob(id);
  if (!job || !(await job.isFailed())) return;
  try {
    await job.retry('failed', { resetAttemptsMade: true });
  } catch (error) {
    // Somebody else retried it in the same moment: that is all we wanted.
    if (await job.isFailed()) throw error;
  }
}
