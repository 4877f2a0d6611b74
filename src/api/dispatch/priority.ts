import Joi from 'joi';
import { PRIORITIES, type Priority } from '../../model/submission.ts';
import { auditNote } from '../audit/note.ts';
import { readObject } from '../body/objectBody.ts';
import { apiError, plainError } from '../http/httpErrors.ts';
import type { ErrorResponse, HttpResponse, ProjectContext, Services, UserContext } from '../http/route.ts';
import { submissionBody } from '../submissions/submissionBody.ts';
import { submissionId } from '../submissions/submissions.ts';

export const priorityChangeSchema = Joi.object<{ priority: Priority }>({
  priority: Joi.number()
    .strict()
    .valid(...PRIORITIES)
    .required()
    .description('1 to 5, a lower number goes first; 1 is for admins')
    .example(2),
}).meta({ className: 'SubmissionChange' });

/** PATCH /tasks/{project_id}/submissions/{submission_id} */
export async function changeSubmission(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, params, log } = context;
  const id = submissionId(params);
  const before = id === undefined ? undefined : await services.queries.submissionDetails(project, id);
  if (before === undefined) return plainError('unknown_submission');
  const read = await readObject(context, services, priorityChangeSchema);
  if (!read.ok) return read.answer;
  const { priority } = read.value;
  const refused = onlyForAdmins(priority, context);
  if (refused) return refused;
  const change = {
    on: { submission: before.id },
    before: { priority: before.priority },
    after: { priority },
  };
  const note = auditNote(context, services.config, 'submission.changed', change);
  const done = await services.flows.setPriority({ project, id: before.id, priority }, note);
  if (done === 'unknown') return plainError('unknown_submission');
  if (done === 'ended')
    return apiError(
      'submission_ended',
      `The submission is ${before.state}: nothing of it is left to be sent`,
    );
  log.info({ submission: before.id, priority, before: before.priority }, 'priority changed');
  return { status: 200, body: submissionBody({ ...before, priority }) };
}

/** Refuses the priority that only admins give. */
export function onlyForAdmins(
  priority: Priority | undefined,
  { caller }: Pick<UserContext, 'caller'>,
): ErrorResponse | undefined {
  if (priority !== 1 || caller.admin) return undefined;
  return apiError('admins_only', 'Priority 1 is for admins: ask with 2 to 5, or ask an admin to change it');
}
