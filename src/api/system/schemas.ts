import Joi from 'joi';
import { errorCode, mapOf, text, texts } from '../openapi/answerSchemas.ts';

/** The answers' shapes of the routes about the installation. */

export const frontPageSchema = Joi.object({
  name: text(),
  description: text(),
  links: mapOf(Joi.string()).description('What there is, and where'),
}).meta({ className: 'FrontPage' });

export const workersSchema = Joi.object({
  workers: mapOf(
    Joi.object({
      ip: text(),
      last_updated: Joi.number().required(),
      last_seen: Joi.number().required(),
    }).meta({ className: 'Worker' }),
  ).description('By host name'),
}).meta({ className: 'Workers' });

export const healthSchema = Joi.object({ status: Joi.string().valid('ok').required() });

const okOrAway = () => Joi.string().valid('ok', 'away').required();

export const readySchema = Joi.object({
  status: okOrAway(),
  services: mapOf(Joi.object({ status: okOrAway(), detail: Joi.string().allow('').required() })),
  paused_queues: texts()
    .example(['resolve'])
    .description('Queues that somebody paused on the board: what needs them waits'),
  warnings: Joi.array()
    .items(
      Joi.object({ code: Joi.string().required(), message: Joi.string().allow('').required() }).meta({
        className: 'ReadyWarning',
      }),
    )
    .required()
    .example([{ code: 'redis_nearly_full', message: 'redis uses 860 MB of 1024 MB (maxmemory)' }])
    .description('What will soon be in the way: `redis_nearly_full` from 80 % of its `maxmemory` on'),
}).meta({ className: 'Ready' });

export const notReadySchema = readySchema
  .keys({ detail: text(), code: errorCode() })
  .meta({ className: 'NotReady' });
