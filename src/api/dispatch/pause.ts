import Joi from 'joi';
import type { AuditEvent } from '../../adapters/audit/entry.ts';
import type { PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import type { RefusedFor } from '../../adapters/submissions/endScripts.ts';
import { auditNote } from '../audit/note.ts';
import { readObject } from '../body/objectBody.ts';
import { apiError, plainError } from '../http/httpErrors.ts';
import type { ErrorResponse, HttpResponse, ProjectContext, Services, UserContext } from '../http/route.ts';
import { named, number, oneOf, pauseShape } from '../openapi/answerSchemas.ts';
import { submissionId } from '../submissions/submissions.ts';

interface Asked {
  running: 'finish' | 'kill';
  why: string | null;
}

const MOST_WHY = 500;
const NOTHING_ASKED: Asked = { running: 'finish', why: null };

export const pauseSchema = Joi.object<Asked>({
  running: Joi.string()
    .valid('finish', 'kill')
    .default('finish')
    .description('What becomes of the tasks that workers have in hand: they end, or are ended and sent again')
    .example('finish'),
  why: Joi.string()
    .max(MOST_WHY)
    .allow(null)
    .default(null)
    .description('For whoever looks at it later')
    .example('the client has a release tonight'),
}).meta({ className: 'PauseRequest' });

export const pauseExample: Asked = { running: 'finish', why: 'the client has a release tonight' };

const counts = {
  ready: number('Tasks that were taken back out of RabbitMQ'),
  running: number('Tasks that workers had in hand'),
  complete: Joi.boolean()
    .required()
    .description('false: RabbitMQ is away; what is in it is taken back when it answers (status 202)'),
};

export const pausedSchema = named('Paused', {
  paused: pauseShape().required(),
  ...counts,
});
export const pausedExample = {
  paused: { since: '2026-11-02T09:30:00.000Z', by: 'alice', why: 'the client has a release tonight' },
  ready: 20,
  running: 10,
  complete: true,
};

export const resumedSchema = named('Resumed', { status: oneOf('resumed') });
export const resumedExample = { status: 'resumed' };

export const cancelledSchema = named('Cancelled', {
  status: oneOf('cancelled'),
  waiting: number('Targets that were not sent'),
  ...counts,
});
export const cancelledExample = {
  status: 'cancelled',
  waiting: 64_000,
  ready: 20,
  running: 10,
  complete: true,
};

/** POST /tasks/{project_id}/submissions/{submission_id}/pause */
export async function pauseSubmission(context: ProjectContext, services: Services): Promise<HttpResponse> {
  return pause(context, scopeOf(context), 'submission.paused', services);
}

/** POST /tasks/{project_id}/submissions/{submission_id}/resume */
export async function resumeSubmission(context: ProjectContext, services: Services): Promise<HttpResponse> {
  return resume(context, scopeOf(context), 'submission.resumed', services);
}

/** POST /tasks/{project_id}/pause */
export async function pauseProject(context: ProjectContext, services: Services): Promise<HttpResponse> {
  return pause(context, { project: context.project }, 'project.paused', services);
}

/** POST /tasks/{project_id}/resume */
export async function resumeProject(context: ProjectContext, services: Services): Promise<HttpResponse> {
  return resume(context, { project: context.project }, 'project.resumed', services);
}

/** POST /dispatch/pause */
export async function pauseAll(context: UserContext, services: Services): Promise<HttpResponse> {
  return adminsOnly(context) ?? pause(context, {}, 'dispatch.paused', services);
}

/** POST /dispatch/resume */
export async function resumeAll(context: UserContext, services: Services): Promise<HttpResponse> {
  return adminsOnly(context) ?? resume(context, {}, 'dispatch.resumed', services);
}

/** POST /tasks/{project_id}/submissions/{submission_id}/cancel */
export async function cancelSubmission(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const scope = scopeOf(context);
  if (scope?.submission === undefined) return plainError('unknown_submission');
  const read = await readObject(context, services, pauseSchema, NOTHING_ASKED);
  if (!read.ok) return read.answer;
  const { running, why } = read.value;
  const { project } = context;
  const on = { submission: scope.submission };
  const note = auditNote(context, services, 'submission.cancelled', { on, after: { running, why } });
  const done = await services.flows.cancel({ project, id: scope.submission, running }, note);
  if (typeof done === 'string') return nothingToDo(done);
  return { status: done.complete ? 200 : 202, body: { status: 'cancelled', ...done } };
}

async function pause(
  context: UserContext,
  scope: PauseScope | undefined,
  event: AuditEvent,
  services: Services,
): Promise<HttpResponse> {
  if (scope === undefined) return plainError('unknown_submission');
  const read = await readObject(context, services, pauseSchema, NOTHING_ASKED);
  if (!read.ok) return read.answer;
  const { running, why } = read.value;
  const { submission } = scope;
  const note = auditNote(context, services, event, {
    on: submission === undefined ? null : { submission },
    after: { running, why },
  });
  const by = { since: new Date().toISOString(), by: context.caller.user.username, why, running };
  const done = await services.flows.pause(scope, by, note);
  if (typeof done === 'string') return nothingToDo(done);
  const { pause: paused, ...taken } = done;
  return { status: done.complete ? 200 : 202, body: { paused, ...taken } };
}

async function resume(
  context: UserContext,
  scope: PauseScope | undefined,
  event: AuditEvent,
  services: Services,
): Promise<HttpResponse> {
  if (scope === undefined) return plainError('unknown_submission');
  const { submission } = scope;
  const note = auditNote(context, services, event, {
    on: submission === undefined ? null : { submission },
  });
  const done = await services.flows.resume(scope, note);
  return done === 'done' ? { status: 200, body: resumedExample } : nothingToDo(done);
}

function scopeOf({ project, params }: ProjectContext): PauseScope | undefined {
  const submission = submissionId(params);
  return submission === undefined ? undefined : { project, submission };
}

function nothingToDo(done: RefusedFor): ErrorResponse {
  return done === 'unknown'
    ? plainError('unknown_submission')
    : apiError('submission_ended', 'The submission is done or stopped: nothing of it is left to be sent');
}

function adminsOnly({ caller }: UserContext): ErrorResponse | undefined {
  return caller.admin ? undefined : apiError('admins_only', 'What concerns all projects is for admins');
}
