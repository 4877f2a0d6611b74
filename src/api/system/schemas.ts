import Joi from 'joi';
import { errorFields, list, mapOf, named, oneOf, pauseShape, text, texts } from '../openapi/answerSchemas.ts';

/** The answers' shapes of the routes about the installation. */

export const frontPageSchema = named('FrontPage', {
  name: text(),
  description: text(),
  links: mapOf(Joi.string()).description('What there is, and where'),
});

export const workersSchema = named('Workers', {
  workers: mapOf(
    named('Worker', {
      ip: text(),
      last_updated: Joi.number().required(),
      last_seen: Joi.number().required(),
    }),
  ).description('By host name'),
});

export const healthSchema = Joi.object({ status: oneOf('ok') });

const okOrAway = () => oneOf('ok', 'away');

export const readySchema = named('Ready', {
  status: okOrAway(),
  services: mapOf(Joi.object({ status: okOrAway(), detail: Joi.string().allow('').required() })),
  paused_queues: texts()
    .example(['resolve'])
    .description('Queues that somebody paused on the board: what needs them waits'),
  paused: pauseShape()
    .description('Present while everything is paused')
    .example({ since: '2026-11-02T09:30:00.000Z', by: 'alice', why: null }),
  warnings: list(
    named('ReadyWarning', { code: Joi.string().required(), message: Joi.string().allow('').required() }),
  )
    .example([{ code: 'redis_nearly_full', message: 'redis uses 860 MB of 1024 MB (maxmemory)' }])
    .description('What will soon be in the way: `redis_nearly_full` from 80 % of its `maxmemory` on'),
});

export const notReadySchema = readySchema.keys(errorFields).meta({ className: 'NotReady' });
