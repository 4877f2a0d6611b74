import type { SubmissionRecord } from '../../adapters/submissions/submissionView.ts';
import { jobIdOf, type Queues } from '../../jobs/runner/stage.ts';
import type { StageName } from '../../model/submission.ts';
import type { StageProgress, StageState } from './stageStates.ts';

/** Stages of one job. */
const SINGLE = ['expand', 'dedup', 'split', 'submission'] as const;

/** Epoch milliseconds; undefined: not yet, or BullMQ has forgotten the job. */
interface JobTimes {
  began?: number | undefined;
  ended?: number | undefined;
}

/** When the jobs of which a submission has one each ran last. */
export async function readJobTimes(
  queues: Queues,
  submission: string,
): Promise<ReadonlyMap<StageName, JobTimes>> {
  const times = SINGLE.map(async (stage): Promise<[StageName, JobTimes]> => {
    const job = await queues[stage].getJob(jobIdOf(stage, { submission }));
    return [stage, { began: job?.processedOn, ended: job?.finishedOn }];
  });
  return new Map(await Promise.all(times));
}

/** Names are looked up between expand and dedup, and tasks are sent from the first batch to the last. */
export function withTimes(
  stages: readonly StageState[],
  { firstSentAt, endedAt, chunks }: Pick<SubmissionRecord, 'firstSentAt' | 'endedAt' | 'chunks'>,
  jobs: ReadonlyMap<StageName, JobTimes>,
): StageProgress[] {
  const named = chunks.total > 0;
  const timesOf = (stage: StageName): Pick<StageProgress, 'began_at' | 'ended_at'> => {
    if (stage === 'publish') return { began_at: firstSentAt ?? null, ended_at: endedAt ?? null };
    if (stage !== 'resolve') return timesAt(jobs.get(stage));
    return timesAt(named ? { began: jobs.get('expand')?.ended, ended: jobs.get('dedup')?.began } : {});
  };
  return stages.map((stage) => {
    const { began_at, ended_at } = timesOf(stage.stage);
    const isOver = stage.state !== 'active' && stage.state !== 'waiting';
    return { ...stage, began_at, ended_at: isOver ? ended_at : null };
  });
}

function timesAt({ began, ended }: JobTimes = {}): Pick<StageProgress, 'began_at' | 'ended_at'> {
  return { began_at: textOf(began), ended_at: textOf(ended) };
}

function textOf(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}
