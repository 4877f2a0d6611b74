import Joi from 'joi';
import { HISTORY_EVERY_MS } from '../../adapters/dispatch/historyStore.ts';
import { apiError } from '../http/httpErrors.ts';
import type { HttpResponse, Services, UserContext } from '../http/route.ts';
import { list, named, number } from '../openapi/answerSchemas.ts';

const series = (description: string) =>
  list(Joi.number().allow(null)).description(`${description}; null: not known`);

export const dispatchHistorySchema = named('DispatchHistory', {
  every_s: number('Seconds between two points, when all goes well'),
  at: list(Joi.number().integer()).description('Epoch seconds, ascending; the other lists go with it'),
  window: series('Tasks that may be ready in RabbitMQ'),
  ready: series('Tasks that were ready there'),
  running: series('Tasks that workers had in hand'),
  tasks_per_minute: series('Tasks that workers took from RabbitMQ, by the minute'),
});

export const dispatchHistoryExample = {
  every_s: 10,
  at: [1_793_611_790, 1_793_611_800],
  window: [20, 20],
  ready: [18, 20],
  running: [10, 10],
  tasks_per_minute: [null, 588],
};

/** GET /dispatch/history */
export async function dispatchHistory({ caller }: UserContext, { queries }: Services): Promise<HttpResponse> {
  if (!caller.admin) return apiError('admins_only', 'How the dispatch went is for admins to see');
  const series = await queries.overview.dispatchHistory();
  return { status: 200, body: { every_s: HISTORY_EVERY_MS / 1_000, ...series } };
}
