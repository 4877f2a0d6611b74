import Joi from 'joi';
import { PROJECT_EVENTS } from '../../adapters/events/event.ts';
import { list, named, oneOf, text, time } from '../openapi/answerSchemas.ts';
import { PROJECT, SUBMISSION } from '../openapi/examples.ts';

const eventSchema = named('ProjectEvent', {
  id: text().description('Its place among the events of the project'),
  type: oneOf(...PROJECT_EVENTS),
  timestamp: time('When').required(),
  project: text(),
  data: Joi.object().required().description('What docs/events.md says of its type'),
});

const eventExample = {
  id: '1793611800000-0',
  type: 'scan.finished',
  timestamp: '2026-11-02T09:30:00.000Z',
  project: PROJECT,
  data: { scan: { id: SUBMISSION, user: 'alice' }, targets: 254, tasks: 254, dead: 0 },
};

export const eventsSchema = named('ProjectEvents', {
  events: list(eventSchema).description('Oldest first'),
  next: text().description('`after` of the next call, also when there is nothing new'),
  missed: Joi.boolean()
    .required()
    .description('`true`: events behind `after` are no longer kept, and were not read'),
});

export const eventsExample = { events: [eventExample], next: eventExample.id, missed: false };
