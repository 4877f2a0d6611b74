import Joi from 'joi';
import { AUDIT_EVENTS, type AuditEvent } from '../../adapters/audit/entry.ts';
import { pageLimit } from '../http/cursor.ts';
import { apiError } from '../http/httpErrors.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services, UserContext } from '../http/route.ts';
import { PROJECT, SUBMISSION } from '../openapi/examples.ts';

interface Query {
  limit: number;
  cursor?: string;
  event?: AuditEvent;
  user?: string;
  since?: string;
  until?: string;
  submission?: string;
  from?: string;
}

export const auditQuerySchema = Joi.object<Query>({
  limit: pageLimit('Entries'),
  cursor: Joi.string()
    .pattern(/^\d{1,15}-\d{1,10}$/, 'a cursor of ours')
    .description('`next` of the page before, as it is')
    .example('1793611800000-0'),
  event: Joi.string()
    .valid(...AUDIT_EVENTS)
    .description('Only those of this kind')
    .example('project.stopped'),
  user: Joi.string().max(200).description('Only those of this user: id or name').example('alice'),
  since: Joi.string()
    .isoDate()
    .description('Only those from then on: ISO 8601')
    .example('2026-11-02T09:30:00.000Z'),
  until: Joi.string()
    .isoDate()
    .description('Only those up to then: ISO 8601')
    .example('2026-11-03T09:30:00.000Z'),
  submission: Joi.string()
    .guid()
    .lowercase()
    .description('Only those about this scan or plan')
    .example(SUBMISSION),
  from: Joi.string()
    .ip({ cidr: 'forbidden' })
    .description('Only those whose request came from this address')
    .example('203.0.113.50'),
});

export const wholeAuditQuerySchema = auditQuerySchema.append<Query & { project?: string }>({
  project: Joi.string().guid().lowercase().description('Only those of this project').example(PROJECT),
});

/** GET /audit */
export async function audit(context: UserContext, services: Services): Promise<HttpResponse> {
  if (!context.caller.admin)
    return apiError('admins_only', 'The audit trail of the installation is for admins');
  return page(context, undefined, wholeAuditQuerySchema, services);
}

/** GET /tasks/{project_id}/audit */
export async function projectAudit(context: ProjectContext, services: Services): Promise<HttpResponse> {
  return page(context, context.project, auditQuerySchema, services);
}

async function page(
  { req }: UserContext,
  project: string | undefined,
  schema: Joi.ObjectSchema<Query>,
  { flows }: Services,
): Promise<HttpResponse> {
  const query = readQuery(req, schema);
  if (!query.ok) return query.answer;
  const { cursor, since, until, ...rest } = query.value;
  const { entries, next } = await flows.audit.page(project, {
    ...rest,
    ...(cursor !== undefined && { before: cursor }),
    ...(since !== undefined && { sinceMs: Math.max(0, Date.parse(since)) }),
    ...(until !== undefined && { untilMs: Math.max(0, Date.parse(until)) }),
  });
  return { status: 200, body: { entries, next: next ?? null } };
}
