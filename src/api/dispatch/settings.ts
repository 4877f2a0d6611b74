import Joi from 'joi';
import type { DispatchSettings } from '../../adapters/dispatch/settingsStore.ts';
import { auditNote } from '../audit/note.ts';
import { readObject } from '../body/objectBody.ts';
import { apiError } from '../http/httpErrors.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { perNetworkExample, perNetworkSchema } from './perNetwork.ts';

const LIGHTEST = 0.1;
const HEAVIEST = 100;

export const dispatchSettingsSchema = Joi.object<DispatchSettings>({
  weight: Joi.number()
    .strict()
    .min(LIGHTEST)
    .max(HEAVIEST)
    .default(1)
    .description(
      `Share of what is sent beside other projects that have something to send: with 2 it gets twice as much as with 1. ${LIGHTEST} to ${HEAVIEST}`,
    )
    .example(2),
  max_running: Joi.number()
    .strict()
    .integer()
    .min(1)
    .allow(null)
    .default(null)
    .description(
      'Tasks of the project that may be ready in RabbitMQ or with workers at once, so the workers that it may occupy; null: any number',
    )
    .example(10),
  per_network: perNetworkSchema().allow(null).default(null),
}).meta({ className: 'DispatchSettings' });

export const dispatchSettingsExample: DispatchSettings = {
  weight: 2,
  max_running: 10,
  per_network: perNetworkExample,
};

/** GET /tasks/{project_id}/dispatch */
export async function dispatchSettings(
  { project }: ProjectContext,
  { flows }: Services,
): Promise<HttpResponse> {
  return { status: 200, body: await flows.dispatchSettings.read(project) };
}

/** PUT /tasks/{project_id}/dispatch */
export async function setDispatchSettings(
  context: ProjectContext,
  services: Services,
): Promise<HttpResponse> {
  const { project, caller, log } = context;
  if (!caller.admin) return apiError('admins_only', 'How projects share the workers is for admins to set');
  const read = await readObject(context, services, dispatchSettingsSchema);
  if (!read.ok) return read.answer;
  const before = await services.flows.dispatchSettings.read(project);
  const note = auditNote(context, services, 'dispatch.changed', { before, after: read.value });
  await services.flows.dispatchSettings.write(project, read.value, note);
  log.info({ before, after: read.value }, 'dispatch settings changed');
  return { status: 200, body: read.value };
}
