import type { Route } from '../http/route.ts';
import { documented, invalidSchema } from '../openapi/answerSchemas.ts';
import { auditExample, auditSchema, badLimitExample } from './schemas.ts';
import { audit, auditQuerySchema, projectAudit, wholeAuditQuerySchema } from './trail.ts';

const PAGE = documented('One page', auditSchema, auditExample);

export const AUDIT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/audit',
    auth: 'user',
    handler: audit,
    operationId: 'listAuditEntries',
    tag: 'System',
    summary: 'What people did, newest first',
    description:
      'For admins. A page looks at 2,000 entries at most: with a filter it may hold fewer than `limit`, or none, and `next` goes on. The last AUDIT_KEEP entries are kept.',
    query: wholeAuditQuerySchema,
    answer: PAGE,
    errors: ['admins_only'],
    errorBodies: { 422: { schema: invalidSchema, example: badLimitExample } },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/audit',
    auth: 'project',
    handler: projectAudit,
    operationId: 'listProjectAuditEntries',
    tag: 'System',
    summary: 'What people did in a project, newest first',
    description: 'As `GET /audit`, for the members of the project.',
    query: auditQuerySchema,
    answer: PAGE,
  },
];
