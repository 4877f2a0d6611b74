import type { Route } from '../http/route.ts';
import { documented, named, number } from '../openapi/answerSchemas.ts';
import { events, eventsQuerySchema } from './events.ts';
import { eventsExample, eventsSchema } from './schemas.ts';
import {
  newWebhooksExample,
  newWebhooksSchema,
  webhooksAnswerSchema,
  webhooksExample,
  writtenWebhooksExample,
  writtenWebhooksSchema,
} from './webhookSchemas.ts';
import { deleteWebhooks, setWebhooks, webhooks } from './webhooks.ts';

const WEBHOOKS = '/tasks/{project_id}/webhooks';

export const PROJECT_EVENT_ROUTES: readonly Route[] = [
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
  {
    method: 'GET',
    path: WEBHOOKS,
    auth: 'project',
    handler: webhooks,
    operationId: 'listWebhooks',
    tag: 'Events',
    summary: 'Who is told of events, and how that goes',
    description: 'Without the secrets: nobody sees them again.',
    answer: documented('As it is now', webhooksAnswerSchema, webhooksExample),
  },
  {
    method: 'PUT',
    path: WEBHOOKS,
    auth: 'project',
    handler: setWebhooks,
    operationId: 'setWebhooks',
    tag: 'Events',
    summary: 'Set who is told of events',
    description:
      'The whole list, 10 at most. Each is called with POST for each event, at least once and in their order, signed as Standard Webhooks has it. One that it does not answer with 2xx within 10 s is sent again for a day, and the next ones follow meanwhile. Redirects are not followed. One whose URL was there goes on where it is; a new one begins with what happens from now on.',
    body: { schema: newWebhooksSchema, example: newWebhooksExample },
    answer: documented(
      'As it is now, with the secrets that were just made',
      writtenWebhooksSchema,
      writtenWebhooksExample,
    ),
  },
  {
    method: 'DELETE',
    path: WEBHOOKS,
    auth: 'project',
    handler: deleteWebhooks,
    operationId: 'deleteWebhooks',
    tag: 'Events',
    summary: 'Tell nobody any more',
    answer: documented('Removed', named('RemovedWebhooks', { removed: number('How many there were') }), {
      removed: 2,
    }),
  },
];
