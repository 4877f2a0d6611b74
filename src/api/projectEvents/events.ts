import Joi from 'joi';
import { EVENT_ID } from '../../adapters/events/event.ts';
import { BEFORE_ALL } from '../../adapters/events/script.ts';
import { pageLimit } from '../http/cursor.ts';
import { readQuery } from '../http/readQuery.ts';
import type { HttpResponse, ProjectContext, Services } from '../http/route.ts';

export const eventsQuerySchema = Joi.object<{ after: string; limit: number }>({
  after: Joi.string()
    .pattern(EVENT_ID, 'the id of an event')
    .default(BEFORE_ALL)
    .description('`next` of the answer before; without it the oldest that are kept come first')
    .example('1793611800000-0'),
  limit: pageLimit('Events', 500, 100),
});

/** GET /tasks/{project_id}/events */
export async function events({ req, project }: ProjectContext, { flows }: Services): Promise<HttpResponse> {
  const query = readQuery(req, eventsQuerySchema);
  if (!query.ok) return query.answer;
  const { after, limit } = query.value;
  const { events: found, last, missedUpTo } = await flows.events(project, after, limit);
  const missed = after !== BEFORE_ALL && missedUpTo !== undefined;
  return { status: 200, body: { events: found, next: last, missed } };
}
