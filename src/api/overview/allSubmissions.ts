import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import { SUBMISSION_STATES, type SubmissionState } from '../../model/submission.ts';
import { readProjectId } from '../auth/projectId.ts';
import { nextOf, pageLimit, submissionCursor, submissionCursorSchema } from '../http/cursor.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, Services, UserContext } from '../http/route.ts';
import { PROJECT } from '../openapi/examples.ts';

interface Query {
  limit: number;
  cursor?: SubmissionPlace;
  project?: string;
  state?: SubmissionState;
  user?: string;
  text?: string;
}

export const allSubmissionsQuerySchema = Joi.object<Query>({
  limit: pageLimit('Submissions'),
  cursor: submissionCursorSchema,
  project: Joi.string().guid().description('Only those of this project').example(PROJECT),
  state: Joi.string()
    .valid(...SUBMISSION_STATES)
    .description('Only those in this state')
    .example('dispatching'),
  user: Joi.string().max(200).description('Only those of this user: id or name').example('alice'),
  text: Joi.string()
    .max(200)
    .description('Only those that have it in their id or in the first 16 KB of their entries, in any case')
    .example('8.8.8'),
});

/** GET /submissions */
export async function listAllSubmissions(
  { req, caller, credentials }: UserContext,
  { visible, queries }: Services,
): Promise<HttpResponse> {
  const query = readQuery(req, allSubmissionsQuerySchema);
  if (!query.ok) return query.answer;
  const { cursor, project, ...rest } = query.value;
  const own = [...(await visible.of(caller, credentials.token)).keys()];
  const projects = project === undefined ? own : own.filter((id) => id === readProjectId(project));
  const page = await queries.overview.scans({ ...rest, projects, ...(cursor && { after: cursor }) });
  return { status: 200, body: { submissions: page.scans, next: nextOf(page.next, submissionCursor) } };
}
