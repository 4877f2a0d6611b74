import type { DispatchState } from '../../adapters/dispatch/targetStore.ts';
import type { SubmissionRecord } from '../../adapters/submissions/submissionView.ts';
import { jobIdOf, type Queues } from '../../jobs/runner/stage.ts';
import type { StageName } from '../../model/submission.ts';
import { nextBatches } from '../../targets/order/batches.ts';

/** `stopped`: a stop came before the stage had ended. */
export const STAGE_STATES = ['waiting', 'active', 'failed', 'done', 'stopped'] as const;

/** How far one stage of a submission is. */
export interface StageProgress {
  stage: StageName;
  state: (typeof STAGE_STATES)[number];
  /** Of a stage with several jobs: chunks of names that are looked up, targets whose batch was sent. */
  done?: number;
  total?: number;
  /** When its work began and ended, ISO 8601; null: not yet, or no longer known. Of the last try. */
  began_at: string | null;
  ended_at: string | null;
}

/** A stage without its times. */
export type StageState = Omit<StageProgress, 'began_at' | 'ended_at'>;

/** The word of BullMQ for each job of the flow that there is one of; `unknown` when it has no such job (any more). */
export type JobStates = Readonly<Record<'expand' | 'dedup' | 'split' | 'submission', string>> & {
  /** Whether one of the next batches is being sent at this moment. */
  publishing: boolean;
};

/** Asks BullMQ about the jobs by their ids. */
export async function jobStates(
  queues: Queues,
  { id: submission, sentByLane, total }: Pick<DispatchState, 'id' | 'sentByLane' | 'total'>,
): Promise<JobStates> {
  const of = (stage: StageName, index?: number) =>
    queues[stage].getJobState(jobIdOf(stage, { submission, ...(index !== undefined && { index }) }));
  const [expand, dedup, split, root, ...batches] = await Promise.all([
    of('expand'),
    of('dedup'),
    of('split'),
    of('submission'),
    ...nextBatches(sentByLane, total).map(({ batch }) => of('publish', batch)),
  ]);
  return { expand, dedup, split, submission: root, publishing: batches.includes('active') };
}

/**
 * The stages in the order of the flow. What is kept of the submission counts first: BullMQ forgets jobs that are
 * completed, and what comes after a stage tells that it is done.
 */
export function stageStates(record: SubmissionRecord, jobs: JobStates): StageState[] {
  const { progress, chunks, plan } = record;
  const through = (stage: keyof JobStates) =>
    jobs[stage] === 'completed' || (jobs[stage] === 'unknown' && jobs.submission !== 'unknown');
  const ended = progress.state === 'done' || progress.state === 'finished';
  const planned = record.plannedAt !== undefined || ended;
  const deduped = planned || record.reserved;
  const expanded = deduped || plan !== undefined || chunks.done > 0 || through('expand');
  const resolved = deduped || plan !== undefined || (expanded && chunks.done === chunks.total);
  const sent = planned && progress.sent === progress.total;
  const stateOf = (stage: StageName, isDone: boolean, isActive: boolean): StageState['state'] => {
    if (isDone) return 'done';
    if (progress.state === 'stopped') return 'stopped';
    if (record.failed.includes(stage)) return 'failed';
    return isActive ? 'active' : 'waiting';
  };
  const row = (
    stage: StageName,
    isDone: boolean,
    isActive: boolean,
    numbers: Pick<StageState, 'done' | 'total'> = {},
  ): StageState => {
    return { stage, state: stateOf(stage, isDone, isActive), ...numbers };
  };
  const publishes = planned && (jobs.publishing || progress.sent > 0);
  return [
    row('expand', expanded, jobs.expand === 'active'),
    row('resolve', resolved, expanded, chunks),
    row('dedup', deduped, jobs.dedup === 'active'),
    row('split', planned, jobs.split === 'active'),
    row('publish', sent, publishes, { done: progress.sent, total: progress.total }),
    row('submission', ended, jobs.submission === 'active'),
  ];
}
