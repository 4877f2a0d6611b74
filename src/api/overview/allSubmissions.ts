import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import { SUBMISSION_STATES, type SubmissionState } from '../../model/submission.ts';
import { pageLimit, submissionCursorSchema } from '../http/cursor.ts';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';
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

export async function listAllSubmissions(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
