import Joi from 'joi';
import { plainError } from '../http/httpErrors.ts';
import type { HttpResponse } from '../http/route.ts';
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
export async function dispatchHistory(): Promise<HttpResponse> {
  return plainError('unknown_path');
}
