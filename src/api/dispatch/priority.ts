import Joi from 'joi';
import { PRIORITIES, type Priority } from '../../model/submission.ts';
import type { SubmissionDetails } from '../../queries/submissionDetails.ts';
import { auditNote } from '../audit/note.ts';
import { readObject } from '../body/objectBody.ts';
import { running } from '../exclusions/body.ts';
import { appliedBody } from '../exclusions/receipt.ts';
import { appliedShape } from '../exclusions/schemas.ts';
import { readTakenOut, takeOut } from '../exclusions/takeOut.ts';
import { apiError, plainError } from '../http/httpErrors.ts';
import type { ErrorResponse, HttpResponse, ProjectContext, Services, UserContext } from '../http/route.ts';
import { submissionDetailsSchema } from '../submissions/schemas.ts';
import { submissionBody } from '../submissions/submissionBody.ts';
import { submissionId } from '../submissions/submissions.ts';

interface Change {
  priority?: Priority;
  exclude?: string[];
  running?: 'finish' | 'kill';
}

export const submissionChangeSchema = Joi.object<Change>({
  priority: Joi.number()
    .strict()
    .valid(...PRIORITIES)
    .description('1 to 5, a lower number goes first; 1 is for admins')
    .example(2),
  exclude: Joi.array()
    .items(Joi.string().description('As in the request: any notation of `hosts`, a name, or `*.domain`'))
    .min(1)
    .description('What is not scanned any more for this scan; it is added to what was excluded before')
    .example(['203.0.113.0/28']),
  running: running(),
})
  .or('priority', 'exclude')
  .with('running', 'exclude')
  .meta({ className: 'SubmissionChange' });

export const changedSubmissionSchema = submissionDetailsSchema
  .keys({ receipt: appliedShape().description('What `exclude` was applied to; absent without it') })
  .meta({ className: 'ChangedSubmission' });

/** PATCH /tasks/{project_id}/submissions/{submission_id} */
export async function changeSubmission(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, params } = context;
  const id = submissionId(params);
  const before = id === undefined ? undefined : await services.queries.submissionDetails(project, id);
  if (before === undefined) return plainError('unknown_submission');
  const read = await readObject(context, services, submissionChangeSchema);
  if (!read.ok) return read.answer;
  const { priority, exclude, running: atWork = 'kill' } = read.value;
  // All of it can be read before anything is done.
  const rules = exclude && readTakenOut(exclude, { field: 'exclude', list: 'rules' }, services);
  if (rules?.ok === false) return rules.answer;
  const refused = onlyForAdmins(priority, context);
  if (refused) return refused;
  // First what must not wait. Where it is refused nothing is changed.
  const asked = { submission: before.id, how: 'excluded', running: atWork } as const;
  const done =
    rules && (await takeOut(context, { ...asked, entries: rules.entries }, 'submission.excluded', services));
  if (done?.ok === false) return done.answer;
  if (priority !== undefined) {
    const over = await setPriority(before, priority, context, services);
    if (over && done)
      return { ...over, body: { ...over.body, detail: `${over.body.detail}; its exclusions were added` } };
    if (over) return over;
  }
  if (done === undefined)
    return { status: 200, body: submissionBody({ ...before, ...(priority && { priority }) }) };
  const { receipt } = done.taken;
  const after = (await services.queries.submissionDetails(project, before.id)) ?? before;
  const body = { ...submissionBody(after), ...(receipt && { receipt: appliedBody(receipt, done.taken) }) };
  return { status: done.taken.complete ? 200 : 202, body };
}

/** undefined: it was done. */
async function setPriority(
  before: SubmissionDetails,
  priority: Priority,
  context: ProjectContext,
  services: Services,
): Promise<ErrorResponse | undefined> {
  const { project, log } = context;
  const change = {
    on: { submission: before.id },
    before: { priority: before.priority },
    after: { priority },
  };
  const note = auditNote(context, services, 'submission.changed', change);
  const done = await services.flows.setPriority({ project, id: before.id, priority }, note);
  if (done === 'unknown') return plainError('unknown_submission');
  if (done === 'ended')
    return apiError(
      'submission_ended',
      `The submission is ${before.state}: nothing of it is left to be sent`,
    );
  log.info({ submission: before.id, priority, before: before.priority }, 'priority changed');
  return undefined;
}

/** Refuses the priority that only admins give. */
export function onlyForAdmins(
  priority: Priority | undefined,
  { caller }: Pick<UserContext, 'caller'>,
): ErrorResponse | undefined {
  if (priority !== 1 || caller.admin) return undefined;
  return apiError('admins_only', 'Priority 1 is for admins: ask with 2 to 5, or ask an admin to change it');
}
