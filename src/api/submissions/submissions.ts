import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import { SUBMISSION_STATES, type SubmissionState } from '../../model/submission.ts';
import { nextOf, pageLimit, submissionCursor, submissionCursorSchema } from '../http/cursor.ts';
import { plainError } from '../http/httpErrors.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { submissionBody } from './submissionBody.ts';

/** What an id of ours can look like; anything else need not be looked up. */
const SUBMISSION_ID = /^[\w-]{1,100}$/;

interface Query {
  limit: number;
  cursor?: SubmissionPlace;
  state?: SubmissionState;
}

export const submissionsQuerySchema = Joi.object<Query>({
  limit: pageLimit('Submissions'),
  cursor: submissionCursorSchema,
  state: Joi.string()
    .valid(...SUBMISSION_STATES)
    .description('Only those in this state')
    .example('dispatching'),
});

/** GET /tasks/{project_id}/submissions */
export async function submissions(
  { req, project }: ProjectContext,
  { queries }: Services,
): Promise<HttpResponse> {
  const query = readQuery(req, submissionsQuerySchema);
  if (!query.ok) return query.answer;
  const { cursor, ...rest } = query.value;
  const page = await queries.submissions(project, { ...rest, ...(cursor && { after: cursor }) });
  const next = nextOf(page.next, submissionCursor);
  return { status: 200, body: { submissions: page.submissions.map(submissionBody), next } };
}

/** GET /tasks/{project_id}/submissions/{submission_id} */
export async function submission(
  { project, params }: ProjectContext,
  { queries }: Services,
): Promise<HttpResponse> {
  const id = submissionId(params);
  const details = id === undefined ? undefined : await queries.submissionDetails(project, id);
  return details === undefined
    ? plainError('unknown_submission')
    : { status: 200, body: submissionBody(details) };
}

/** The id in the path; undefined: it cannot be one. */
export function submissionId(params: Readonly<Record<string, string>>): string | undefined {
  const id = params.submission_id ?? '';
  return SUBMISSION_ID.test(id) ? id : undefined;
}
