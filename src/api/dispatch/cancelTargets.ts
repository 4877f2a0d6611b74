import Joi from 'joi';
import { readObject } from '../body/objectBody.ts';
import { appliedExample } from '../exclusions/examples.ts';
import { appliedBody } from '../exclusions/receipt.ts';
import { readTakenOut, takeOut } from '../exclusions/takeOut.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';
import { named, number, oneOf, text, texts } from '../openapi/answerSchemas.ts';
import { SUBMISSION } from '../openapi/examples.ts';

export const cancelTargetsSchema = Joi.object<{ hosts: string[]; submission?: string }>({
  hosts: Joi.array()
    .items(Joi.string().description('In any notation of `hosts`; of a network every address counts'))
    .min(1)
    .required()
    .example(['203.0.113.0/28']),
  submission: Joi.string()
    .max(100)
    .description('One scan. Absent: all of the project that have something left')
    .example(SUBMISSION),
}).meta({ className: 'CancelTargets' });

export const cancelTargetsExample = { hosts: ['203.0.113.0/28', 'www.example.com'], submission: SUBMISSION };

const textOrNull = (description: string) => text().allow(null).description(description);

export const cancelledTargetsSchema = named('CancelledTargets', {
  status: oneOf('cancelled'),
  submissions: number('Scans that have such targets, or are still being planned'),
  waiting: number('Targets that were not sent, and will not be'),
  ready: number('Tasks that were taken out of RabbitMQ'),
  running: number('Tasks that workers had in hand; they are told to end them'),
  done: number('Those that were through before: they stay as they are'),
  unmatched: texts()
    .description('The entries that no target of these scans belongs to')
    .example(['www.example.com']),
  complete: Joi.boolean()
    .required()
    .description('false: RabbitMQ is away; what is in it is taken out when it answers (status 202)'),
  id: textOrNull('Names the receipt; null: there was nothing'),
  href: textOrNull('The receipt: what of it is still out'),
});

export const cancelledTargetsExample = {
  ...{ status: 'cancelled', submissions: 1, ...appliedExample },
  ...{ waiting: 9, ready: 3, running: 1, done: 1, unmatched: ['www.example.com'] },
};

/** POST /tasks/{project_id}/cancel-targets */
export async function cancelTargets(context: ProjectContext, services: Services): Promise<HttpResponse> {
  const body = await readObject(context, services, cancelTargetsSchema);
  if (!body.ok) return body.answer;
  const { hosts, submission } = body.value;
  const read = readTakenOut(hosts, { field: 'hosts', list: 'targets' }, services);
  if (!read.ok) return read.answer;
  const asked = { submission, how: 'cancelled', entries: read.entries, running: 'kill' } as const;
  const done = await takeOut(context, asked, 'targets.cancelled', services);
  if (!done.ok) return done.answer;
  const { receipt, submissions, unmatched, done: through, ...applied } = done.taken;
  const { id, href } = receipt ? appliedBody(receipt, applied) : { id: null, href: null };
  const counts = { submissions, ...applied, done: through };
  return {
    status: applied.complete ? 200 : 202,
    body: { status: 'cancelled', ...counts, unmatched, id, href },
  };
}
