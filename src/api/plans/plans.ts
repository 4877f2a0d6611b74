import Joi from 'joi';
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import type { ListedPlan } from '../../queries/planList.ts';
import { auditNote } from '../audit/note.ts';
import { nextOf, pageLimit, submissionCursor, submissionCursorSchema } from '../http/cursor.ts';
import { plainError } from '../http/httpErrors.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { failureBody } from '../submissions/submissionBody.ts';
import { planProgress } from './plan.ts';
import { planLink } from './planAnswer.ts';

export const plansQuerySchema = Joi.object<{ limit: number; cursor?: SubmissionPlace }>({
  limit: pageLimit('Plans'),
  cursor: submissionCursorSchema,
});

/** GET /tasks/{project_id}/plans */
export async function plans({ req, project }: ProjectContext, { queries }: Services): Promise<HttpResponse> {
  const query = readQuery(req, plansQuerySchema);
  if (!query.ok) return query.answer;
  const { limit, cursor } = query.value;
  const page = await queries.plans(project, { limit, ...(cursor && { after: cursor }) });
  const next = nextOf(page.next, submissionCursor);
  return { status: 200, body: { plans: page.plans.map(listed), next } };
}

function listed({ progress, expiresAt }: ListedPlan): object {
  const { createdAt, user, failure } = progress;
  return {
    ...planLink(progress),
    created_at: createdAt,
    user,
    expires_at: expiresAt ?? null,
    ...(failure && { failure: failureBody(failure) }),
  };
}

/** DELETE /tasks/{project_id}/plan/{plan_id}: made or not. */
export async function deletePlan(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, params, log } = context;
  const plan = await planProgress(context, params.plan_id, services);
  if (plan === undefined) return plainError('unknown_plan');
  const note = auditNote(context, services, 'plan.deleted', { on: { plan: plan.id } });
  if (!(await services.flows.deletePlan(project, plan.id, note))) return plainError('unknown_plan');
  log.info({ plan: plan.id }, 'plan deleted');
  return { status: 200, body: { deleted: plan.id } };
}
