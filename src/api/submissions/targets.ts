import type { Request } from 'express';
import Joi from 'joi';
import { REFUSAL_REASONS, type RefusalReason } from '../../model/refusal.ts';
import type { Queries } from '../../queries/queries.ts';
import type { TargetPage, TargetPlace, TargetQuery } from '../../queries/targetList/targetList.ts';
import { TARGET_STATES, type TargetOutcome, type TargetState } from '../../queries/targetOutcome.ts';
import { readTargetSearch, type TargetSearch } from '../../targets/targetSearch.ts';
import { csvLine } from '../http/csv.ts';
import { nextOf, pageLimit, targetCursor, targetCursorSchema } from '../http/cursor.ts';
import { plainError } from '../http/httpErrors.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { withSuggestion } from '../http/validationErrors.ts';
import { submissionId } from './submissions.ts';

/** Targets that a stream writes at once. */
const STREAM_PAGE = 500;
/** What a page of them takes, with many names. */
const STREAM_BYTES = 2 ** 20;

interface Query {
  limit: number;
  cursor?: TargetPlace;
  state?: TargetState;
  reason?: RefusalReason;
  text?: TargetSearch;
}

const BAD_TEXT = 'text.base';

export const targetsQuerySchema = Joi.object<Query>({
  state: Joi.string()
    .valid(...TARGET_STATES)
    .description('Only those in this state')
    .example('queued'),
  reason: Joi.string()
    .valid(...REFUSAL_REASONS)
    .description('Only those refused or dropped for this reason')
    .example('forbidden'),
  text: Joi.string()
    .trim()
    .max(200)
    .custom((typed: string, helpers): TargetSearch | Joi.ErrorReport => {
      const read = readTargetSearch(typed);
      return read.ok ? read.search : helpers.error(BAD_TEXT, { reason: withSuggestion(read) });
    })
    .messages({
      [BAD_TEXT]: 'Input should be an address, its beginning, a network or a part of a name: {{#reason}}',
    })
    .description(
      'Only those in this network, or of this address (`8.8.8.0/24`, any notation of targets), or whose address begins so (`8.8.`), or one of whose names contains it, in any case',
    )
    .example('8.8.8.0/24'),
  cursor: targetCursorSchema.example('YWNjZXB0ZWQ6MjAw'),
  limit: pageLimit('Targets', 1_000, 200).description(
    'Targets on one page; a stream (text/csv, application/x-ndjson) goes on to the end',
  ),
});

/** How a stream is written. */
interface Format {
  type: string;
  extension: string;
  head: string;
  line(target: TargetOutcome): string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'text/csv': {
    type: 'text/csv; charset=utf-8',
    extension: 'csv',
    head: csvLine(['target', 'hostnames', 'state', 'reason', 'task_id', 'moved_from', 'starts']),
    line: ({ target, hostnames, state, reason, task_id, moved_from, starts = [] }) => {
      const begun = starts.map(({ worker, started_at }) => `${worker}@${started_at}`).join(' ');
      const words = [target, hostnames.join(' '), state, reason ?? '', task_id ?? '', moved_from ?? ''];
      return csvLine([...words, begun]);
    },
  },
  'application/x-ndjson': {
    type: 'application/x-ndjson; charset=utf-8',
    extension: 'ndjson',
    head: '',
    line: (target) => `${JSON.stringify(target)}\n`,
  },
};

/** GET /tasks/{project_id}/submissions/{submission_id}/targets */
export async function submissionTargets(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { req, project, params } = context;
  const { queries, answerRoom } = services;
  const read = readQuery(req, targetsQuerySchema);
  if (!read.ok) return read.answer;
  const { limit, cursor, text, ...rest } = read.value;
  const id = submissionId(params);
  if (id === undefined) return plainError('unknown_submission');
  const format = formatFor(req);
  const perPage = format === undefined ? limit : STREAM_PAGE;
  const query: TargetQuery = {
    ...rest,
    limit: perPage,
    ...(text && { search: text }),
    ...(cursor && { from: cursor }),
  };
  if (format !== undefined && !(await answerRoom.enter(context, STREAM_BYTES)))
    return plainError('answer_room_full');
  const first = await queries.targets(project, id, query);
  if (first === undefined) return plainError('unknown_submission');
  if (format !== undefined) {
    const pages = pagesFrom(first, (from) => queries.targets(project, id, { ...query, from }));
    return { status: 200, headers: headersOf(format, id), stream: linesOf(pages, format) };
  }
  const next = nextOf(first.next, targetCursor);
  return { status: 200, body: { targets: first.targets, next }, headers: { Vary: 'Accept' } };
}

/** undefined: JSON, which is also for callers that say nothing or ask for something else. */
function formatFor(req: Request): Format | undefined {
  const chosen = req.accepts(['application/json', ...Object.keys(FORMATS)]);
  return chosen === false ? undefined : FORMATS[chosen];
}

function headersOf({ type, extension }: Format, id: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="targets-${id}.${extension}"`,
    Vary: 'Accept',
  };
}

/** The next page is read when the caller has taken the one before. */
async function* pagesFrom(
  first: TargetPage,
  pageFrom: (place: TargetPlace) => ReturnType<Queries['targets']>,
): AsyncGenerator<TargetPage> {
  for (let page = first; ; ) {
    yield page;
    if (page.next === undefined) return;
    const next = await pageFrom(page.next);
    // Better a stream that breaks off than one that looks complete.
    if (next === undefined) throw new Error('the submission is not kept any more');
    page = next;
  }
}

async function* linesOf(pages: AsyncIterable<TargetPage>, { head, line }: Format): AsyncGenerator<string> {
  if (head !== '') yield head;
  for await (const { targets } of pages) if (targets.length > 0) yield targets.map(line).join('');
}
