import { STAGE_NAMES } from '../../model/submission.ts';
import { auditNote } from '../audit/note.ts';
import { apiError, plainError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { list, named, number, oneOf } from '../openapi/answerSchemas.ts';
import { submissionId } from '../submissions/submissions.ts';

export const retriedSchema = named('Retried', {
  retried: number('Dead letters that are sent again; 0: there was none'),
});
export const retriedExample = { retried: 2 };

/** POST /tasks/{project_id}/submissions/{submission_id}/retry-failed */
export async function retryFailed(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, params } = context;
  const id = submissionId(params);
  if (id === undefined) return plainError('unknown_submission');
  const note = auditNote(context, services, 'submission.retried', { on: { submission: id } });
  const retried = await services.flows.retryFailed({ project, id }, note);
  if (retried === 'unknown') return plainError('unknown_submission');
  if (retried === 'ended')
    return apiError('submission_ended', 'The submission is stopped: nothing of it is sent any more');
  return { status: 200, body: { retried } };
}

export const retriedStagesSchema = named('RetriedStages', {
  retried: list(oneOf(...STAGE_NAMES)).description(
    'Stages that get all their tries again; none: none had given up',
  ),
});
export const retriedStagesExample = { retried: ['resolve'] };

/** POST /tasks/{project_id}/submissions/{submission_id}/retry-stages */
export async function retryStages(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, params } = context;
  const id = submissionId(params);
  if (id === undefined) return plainError('unknown_submission');
  const note = auditNote(context, services, 'submission.retried', {
    on: { submission: id, stages: true },
  });
  const retried = await services.flows.retryStages({ project, id }, note);
  return retried === 'unknown' ? plainError('unknown_submission') : { status: 200, body: { retried } };
}
