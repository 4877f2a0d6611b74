import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { events, eventsQuerySchema } from './events.ts';
import { eventsExample, eventsSchema } from './schemas.ts';

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/tasks/{project_id}/events',
    auth: 'project',
    handler: events,
    operationId: 'listProjectEvents',
    tag: 'Events',
    summary: 'What has happened in a project, oldest first',
    description:
      'Each event at least once: ask again with `next` as `after`, and note `next` when you have dealt with the events. The last 5,000 or so are kept, for 30 days after the last one.',
    query: eventsQuerySchema,
    answer: documented('One page', eventsSchema, eventsExample),
  },
];
