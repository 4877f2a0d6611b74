import { randomUUID } from 'node:crypto';
import { newSecret } from '../../adapters/webhooks/signature.ts';
import type { KnownWebhook, Webhook } from '../../adapters/webhooks/webhookStore.ts';
import { auditNote } from '../audit/note.ts';
import { readObject } from '../body/objectBody.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { webhooksSchema } from './webhookSchemas.ts';

/** GET /tasks/{project_id}/webhooks */
export async function webhooks({ project }: ProjectContext, { flows }: Services): Promise<HttpResponse> {
  return { status: 200, body: { webhooks: (await flows.webhooks.all(project)).map(shown) } };
}

/** PUT /tasks/{project_id}/webhooks */
export async function setWebhooks(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project, caller } = context;
  const { flows, config } = services;
  const read = await readObject(context, services, webhooksSchema(config.webhookAllowPrivate));
  if (!read.ok) return read.answer;
  const before = await flows.webhooks.all(project);
  const made = new Map<string, string>();
  const list = read.value.webhooks.map(({ secret, ...wanted }): Webhook => {
    // Of a URL that stays the secret stays, and what it has not heard of yet it still hears of.
    const known = before.find(({ url }) => url === wanted.url);
    const id = known?.id ?? randomUUID();
    const own = secret ?? known?.secret ?? newSecret();
    if (secret === undefined && known === undefined) made.set(id, own);
    const { by, createdAt } = known ?? { by: caller.user.username, createdAt: new Date().toISOString() };
    return { ...wanted, id, secret: own, by, createdAt };
  });
  const change = { before: before.map(briefly), after: list.map(briefly) };
  await flows.webhooks.replace(project, list, auditNote(context, services, 'webhooks.replaced', change));
  const written = (await flows.webhooks.all(project)).map((webhook) => {
    const secret = made.get(webhook.id);
    return { ...shown(webhook), ...(secret !== undefined && { secret }) };
  });
  return { status: 200, body: { webhooks: written } };
}

/** DELETE /tasks/{project_id}/webhooks */
export async function deleteWebhooks(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const { project } = context;
  const before = (await services.flows.webhooks.all(project)).map(briefly);
  const note = auditNote(context, services, 'webhooks.removed', { before });
  const removed = await services.flows.webhooks.replace(project, [], note);
  return { status: 200, body: { removed } };
}

/** Without its secret. */
function shown({ id, url, events, format, by, createdAt, ...state }: KnownWebhook) {
  const { disabled = null, success = null, failure = null, retried, dropped } = state;
  const asked = { id, url, events, format, by, created_at: createdAt };
  return {
    ...asked,
    disabled,
    last_success: success,
    last_failure: failure,
    retried: retried.length,
    dropped,
  };
}

/** For the audit trail: of some targets the path is the secret. */
function briefly({ id, url, events, format }: Webhook) {
  return { id, target: new URL(url).origin, events, format };
}
