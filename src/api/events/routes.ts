import Joi from 'joi';
import { dispatchStatusExample, dispatchStatusSchema } from '../dispatch/status.ts';
import type { Route } from '../http/route.ts';
import { named } from '../openapi/answerSchemas.ts';
import { scanRowExample, workersAtWorkExample } from '../overview/examples.ts';
import { scanRowSchema, workersAtWorkSchema } from '../overview/schemas.ts';
import { events } from './events.ts';
import { eventsQuerySchema } from './query.ts';

const nothing = (description: string) => Joi.object({}).required().description(description);

/** By event, what its `data` holds. */
const eventsSchema = named('Events', {
  ready: nothing('The stream begins, or has caught up with `Last-Event-ID`'),
  reload: nothing('Something was missed: ask anew for what is shown'),
  submission: scanRowSchema.required(),
  workers: workersAtWorkSchema.required(),
  dispatch: dispatchStatusSchema.required(),
  end: nothing('The session or the server ends'),
}).description('By the name of the event, what its `data` holds');

const eventsExample = {
  ...{ ready: {}, reload: {}, submission: scanRowExample, workers: workersAtWorkExample },
  ...{ dispatch: dispatchStatusExample, end: {} },
};

export const EVENT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/events',
    untraced: true,
    auth: 'user',
    handler: events,
    operationId: 'getEvents',
    tag: 'Scans',
    summary: 'What changes, as it changes',
    description:
      'Server-sent events (`text/event-stream`). `submission`: a row as in `GET /submissions`, at most one a second and scan, and only when a number or a state has changed. `workers`: as in `GET /workers`. `dispatch`: as in `GET /dispatch`, for admins. `reload`: something was missed. `end`: the last one. A comment every 15 s keeps the connection. `Last-Event-ID` goes on where another stream broke off.',
    query: eventsQuerySchema,
    answer: {
      description: 'Events until the session ends',
      schema: eventsSchema,
      example: eventsExample,
      texts: {
        'text/event-stream': `id: 1a2b3c-41\nevent: submission\ndata: ${JSON.stringify(scanRowExample)}\n\n`,
      },
    },
    errors: ['too_many_streams'],
  },
];
