import type { Progress, Warning } from '../../model/submission.ts';
import { formatRanges } from '../../targets/sets/formatRanges.ts';
import { inPages, jsonStream } from '../http/jsonStream.ts';
import { invalidEntries, LISTED_TARGETS } from '../scans/scanAnswer.ts';
import { entryReports, type ReportSources } from './entryReport.ts';

/** Where a plan can be asked for later. */
export function planLink({ id, project, state, paused }: Progress): object {
  const isMade = state === 'dispatching';
  const href = `/tasks/${project}/plan/${id}`;
  return { id, state: isMade ? 'done' : state, href, ...(paused !== null && !isMade && { paused }) };
}

/** What is known while a plan is still being made. */
export function planNumbers(progress: Progress): object {
  return { plan: planLink(progress), summary: progress.summary };
}

/** The answer of plan, piece by piece: it may name 65,536 ranges and as many entries. */
export async function* planAnswer(
  progress: Progress,
  sources: ReportSources,
  warnings: readonly Warning[],
): AsyncGenerator<string> {
  const { outcome } = sources;
  const head = {
    plan: planLink(progress),
    summary: progress.summary,
    tasks: progress.total,
    refused_detail: outcome.refusedRows,
    warnings,
    ...invalidEntries(outcome.invalid),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"ranges":[`;
  const allRanges = yield* jsonStream(
    inPages(formatRanges(outcome.accepted)),
    JSON.stringify,
    LISTED_TARGETS,
  );
  yield '],"entries":[';
  const allEntries = yield* jsonStream(entryReports(sources), JSON.stringify, LISTED_TARGETS);
  yield allRanges && allEntries ? ']}' : '],"truncated":true}';
}
