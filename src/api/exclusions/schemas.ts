import Joi from 'joi';
import { number, text, texts, time } from '../openapi/answerSchemas.ts';

/** The answers' shapes of the routes about exclusions. */

export const exclusionListSchema = Joi.object({
  exclusions: Joi.array()
    .items(
      Joi.object({
        entry: text().description('As typed'),
        by: Joi.object({
          id: text(),
          username: text(),
          admin: Joi.boolean().description('Missing where it was not asked for yet'),
        })
          .required()
          .description('Who added it'),
        at: time('When').required(),
        why: text(),
        until: time('null: for good').allow(null).required(),
        locked: Joi.boolean().description('Only an admin ends or changes it'),
      }).meta({ className: 'Exclusion' }),
    )
    .required()
    .description('Those of the project that count now, oldest first'),
  installation: texts().description(
    'Those of the whole installation: for admins, and for everybody where SHOW_INSTALLATION_RULES is true',
  ),
  installation_hidden: Joi.boolean().required().description('There may be some that the caller is not shown'),
  version: number('Grows with every change'),
}).meta({ className: 'Exclusions' });

export const removedExclusionsSchema = Joi.object({
  removed: texts(),
  not_found: texts(),
}).meta({ className: 'RemovedExclusionsAnswer' });
