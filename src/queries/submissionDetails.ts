import type { SubmissionRecord, SubmissionView } from '../adapters/submissions/submissionView.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import type { LaterExclusions, Progress, RefusedRow, SubmissionOptions } from '../model/submission.ts';
import { jobStates, type StageProgress, stageStates } from './stages/stageStates.ts';
import { readJobTimes, withTimes } from './stages/stageTimes.ts';
import type { TargetCounter, TargetCounts } from './targetCounts.ts';
import type { TargetStates } from './targetStates.ts';

export interface Estimate {
  /** ISO 8601. */
  ends_at: string;
  /** Tasks that end per second, from the first batch until now. */
  rate_per_s: number;
}

export interface SubmissionDetails extends Progress {
  /** The plan that it runs; null: none. */
  plan: string | null;
  options: SubmissionOptions & { exclude: string[] };
  /** What somebody took out of it after it was submitted. */
  taken_out: readonly LaterExclusions[];
  /** ISO 8601; null: not yet. */
  times: {
    created_at: string;
    planned_at: string | null;
    first_sent_at: string | null;
    ended_at: string | null;
    finished_at: string | null;
  };
  /** How many each rule refused, most first; the first of them, and none while it is being planned. */
  refused_detail: readonly RefusedRow[];
  stages: StageProgress[];
  progress: TargetCounts;
  /** null until there is a measured rate, and when nothing remains. */
  estimate: Estimate | null;
}

export interface DetailServices {
  view: SubmissionView;
  states: TargetStates;
  counter: TargetCounter;
  queues: Queues;
}

/** Rules that are told: whoever watches a scan asks again and again. */
const LISTED_RULES = 100;
/** So much must have been seen before anybody is told when it will end. */
const LEAST_DONE = 5;
const LEAST_MS = 10_000;
/** The last date there is. */
const LAST_DATE_MS = 8.64e15;

/** All that is known of a scan; undefined: nothing is kept of it (any more), or the project has no such scan. */
export async function submissionDetails(
  project: string,
  id: string,
  services: DetailServices,
): Promise<SubmissionDetails | undefined> {
  const record = await services.view.record(id);
  const sending = await services.states.dispatchState(id);
  if (record === undefined || sending?.project !== project) return undefined;
  const counts = await services.counter.counts(sending);
  const [jobs, jobTimes] = await Promise.all([
    jobStates(services.queues, sending),
    readJobTimes(services.queues, id),
  ]);
  return {
    ...record.progress,
    plan: record.plan ?? null,
    options: { ...record.options, exclude: record.exclude },
    taken_out: record.takenOut,
    times: {
      created_at: record.progress.createdAt,
      planned_at: record.plannedAt ?? null,
      first_sent_at: record.firstSentAt ?? null,
      ended_at: record.endedAt ?? null,
      finished_at: record.progress.finishedAt,
    },
    refused_detail: record.refusedRows.slice(0, LISTED_RULES),
    stages: withTimes(stageStates(record, jobs), record, jobTimes),
    progress: counts,
    estimate: estimateOf(counts, record, Date.now()),
  };
}

/** From the rate since the first batch was sent. */
export function estimateOf(
  { done, remaining }: Pick<TargetCounts, 'done' | 'remaining'>,
  { firstSentAt }: Pick<SubmissionRecord, 'firstSentAt'>,
  nowMs: number,
): Estimate | null {
  if (firstSentAt === undefined || remaining === 0 || done < LEAST_DONE) return null;
  const elapsedMs = nowMs - Date.parse(firstSentAt);
  if (elapsedMs < LEAST_MS) return null;
  const perMs = done / elapsedMs;
  const endsMs = Math.min(LAST_DATE_MS, nowMs + remaining / perMs);
  return { ends_at: new Date(endsMs).toISOString(), rate_per_s: Number((perMs * 1_000).toPrecision(4)) };
}
