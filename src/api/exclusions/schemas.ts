import Joi from 'joi';
import { list, named, number, text, texts, time } from '../openapi/answerSchemas.ts';

/** The answers' shapes of the routes about exclusions. */

export const exclusionListSchema = named('Exclusions', {
  exclusions: list(
    named('Exclusion', {
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
    }),
  ).description('Those of the project that count now, oldest first'),
  installation: texts().description(
    'Those of the whole installation: for admins, and for everybody where SHOW_INSTALLATION_RULES is true',
  ),
  installation_hidden: Joi.boolean().required().description('There may be some that the caller is not shown'),
  version: number('Grows with every change'),
});

export const removedExclusionsSchema = named('RemovedExclusionsAnswer', {
  removed: texts(),
  not_found: texts(),
});
