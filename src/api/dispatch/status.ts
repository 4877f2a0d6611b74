import Joi from 'joi';
import type { DispatchStatus } from '../../queries/dispatchStatus.ts';
import { apiError } from '../http/httpErrors.ts';
import type { HttpResponse, Services, UserContext } from '../http/route.ts';
import { list, named, number } from '../openapi/answerSchemas.ts';

const share = () =>
  Joi.number().min(0).max(1).required().description('0 to 1, of the time that workers were busy');
const orNull = (schema: Joi.Schema) => schema.allow(null);

export const dispatchStatusSchema = named('DispatchStatus', {
  window: named('DispatchWindow', {
    limit: orNull(number('Tasks that may be ready in RabbitMQ; null: nothing was sent in the last minute')),
    ready: orNull(number('Tasks that are ready there; null: RabbitMQ does not answer')),
    rate: Joi.number().min(0).required().description('Tasks a second that workers take'),
  }).required(),
  workers: number('That answered a ping in the last 90 s'),
  running: number('Tasks that they have in hand'),
  projects: list(
    named('ProjectDispatch', {
      project: Joi.string().guid().required(),
      weight: Joi.number().required().description('Its share beside others that have something to send'),
      share: named('WorkerShare', { minute: share(), hour: share() })
        .required()
        .description('In the last one or two minutes, and in the last hour'),
      waiting: number('Targets that are not sent'),
      running: number('Tasks that workers have in hand'),
      next: orNull(Joi.string().required()).description(
        'The submission that sends next; null: none is in line',
      ),
    }),
  ).description('Those that have something to send or at work, or had in the last hour'),
});

export const dispatchStatusExample: DispatchStatus = {
  window: { limit: 20, ready: 18, rate: 9.8 },
  workers: 10,
  running: 10,
  projects: [
    {
      project: '6f1c2b1e-93f7-4f4e-8a52-0f6f3d1c7a10',
      weight: 2,
      share: { minute: 0.67, hour: 0.41 },
      waiting: 65_000,
      running: 7,
      next: '0b5c0d5e-7c39-4b52-9d7f-6a1f0c9f2e11',
    },
  ],
};

/** GET /dispatch */
export async function dispatchStatus({ caller }: UserContext, { queries }: Services): Promise<HttpResponse> {
  if (!caller.admin)
    return apiError('admins_only', 'How all projects share the workers is for admins to see');
  return { status: 200, body: await queries.dispatchStatus() };
}
