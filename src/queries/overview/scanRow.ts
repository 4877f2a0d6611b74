import type { ScanNumbers } from '../../adapters/submissions/scanNumbers.ts';
import type { Priority, Progress, SubmissionState, User } from '../../model/submission.ts';
import { placedEntries } from '../../targets/entries/placedEntries.ts';
import { estimateOf } from '../submissionDetails.ts';

/** Tasks of a scan by what became of them; total is the sum of all but `refused`. */
interface ScanCounts {
  total: number;
  waiting: number;
  ready: number;
  running: number;
  done: number;
  dropped: number;
  stopped: number;
  failed: number;
  /** Targets that are no part of it. */
  refused: number;
}

/** One scan in a list, as callers are told. Finding it costs as much for a /8 as for one address. */
export interface ScanRow {
  id: string;
  project: string;
  user: User;
  state: SubmissionState;
  priority: Priority;
  paused: string | null;
  created_at: string;
  finished_at: string | null;
  entries: { total: number; first: string[] };
  counts: ScanCounts;
  rate_per_s: number | null;
  ends_at: string | null;
  failure?: { stage: string; reason: string; by_scope: boolean };
}

const FIRST_ENTRIES = 5;
const ENTRY_CHARACTERS = 80;

/** @param running how many of its tasks workers say that they have in hand */
export function scanRow(progress: Progress, numbers: ScanNumbers, running: number, nowMs: number): ScanRow {
  const { id, project, user, state, priority, paused, createdAt, finishedAt, failure, summary } = progress;
  const counts = countsOf(progress, numbers, running);
  const remaining = counts.waiting + counts.ready + counts.running;
  const estimate = estimateOf({ done: counts.done, remaining }, numbers.facts, nowMs);
  return {
    ...{ id, project, user, state, priority, paused },
    created_at: createdAt,
    finished_at: finishedAt,
    entries: { total: summary.provided, first: firstEntries(numbers.entries) },
    counts,
    rate_per_s: estimate?.rate_per_s ?? null,
    ends_at: estimate?.ends_at ?? null,
    ...(failure && {
      failure: { stage: failure.stage, reason: failure.reason, by_scope: failure.byScope },
    }),
  };
}

/** As TargetCounter counts, from numbers that are kept: what moved to another address counts as dropped there. */
function countsOf({ state, summary }: Progress, numbers: ScanNumbers, running: number): ScanCounts {
  const { facts, tracked, out, takenBack, expected } = numbers;
  const { dropped, again, failed } = facts;
  const notSent = facts.total === undefined ? expected : Math.max(0, facts.total - tracked) + again;
  const isStopped = state === 'stopped';
  const inHand = Math.min(running, out);
  const parts = {
    waiting: isStopped ? 0 : notSent,
    ready: out - inHand,
    running: inHand,
    done: Math.max(0, tracked - again - out - dropped - takenBack - failed),
    dropped,
    stopped: takenBack + (isStopped ? notSent : 0),
    failed,
  };
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const refused = Object.values(summary.refused).reduce((sum, part) => sum + part, 0);
  return { total, ...parts, refused };
}

/** The first entries as typed, long ones cut. @param lines their beginning; see placedEntries.ts */
export function firstEntries(lines: string, most = FIRST_ENTRIES, characters = ENTRY_CHARACTERS): string[] {
  const first: string[] = [];
  for (const { text } of placedEntries(lines)) {
    if (first.length === most) break;
    first.push(text.length > characters ? `${text.slice(0, characters)}…` : text);
  }
  return first;
}
