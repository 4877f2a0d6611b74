import Joi from 'joi';
import { list, named, number, oneOf, text, texts, time } from '../openapi/answerSchemas.ts';
import { RECEIPT } from '../openapi/examples.ts';

/** The answers' shapes of the routes about exclusions. */

const lastTask = {
  task_id: text().example('2c5e2f0e-6a6c-5d0a-9c41-0f8f4f9d5e77'),
  address: text().example('203.0.113.77'),
  worker: text().allow('').example('worker-1'),
};

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
      id: Joi.string()
        .description(
          'Names its receipt; those that one request added share it. Missing where there was none yet',
        )
        .example(RECEIPT),
      running: Joi.string()
        .valid('finish')
        .example('finish')
        .description('What it is about and ran when it was added may end by itself'),
    }),
  ).description('Those of the project that count now, oldest first'),
  installation: texts().description(
    'Those of the whole installation: for admins, and for everybody where SHOW_INSTALLATION_RULES is true',
  ),
  installation_hidden: Joi.boolean().required().description('There may be some that the caller is not shown'),
  version: number('Grows with every change'),
});

/** What new exclusions were applied to. */
export const appliedShape = () =>
  named('AppliedExclusions', {
    id: text().description('Names the receipt'),
    waiting: number(
      'Targets that were not sent and are refused; also such that another exclusion refused before',
    ),
    ready: number('Tasks that were taken out of RabbitMQ'),
    running: number(
      'Tasks that workers have in hand: told to end, or left to end with `"running": "finish"`',
    ),
    complete: Joi.boolean()
      .required()
      .description(
        'false: RabbitMQ is away, or Redis is full; what is in RabbitMQ is taken out later (status 202)',
      ),
    href: text().description('The receipt: what of it is still out'),
  });

export const changedListSchema = exclusionListSchema
  .keys({
    receipt: appliedShape().description('What the new ones were applied to; absent when there are none'),
  })
  .meta({ className: 'ChangedExclusions' });

export const receiptSchema = named('Receipt', {
  id: text(),
  exclusions: named('ReceiptExclusions', { total: number(), listed: texts() })
    .required()
    .description(
      'How many, and the first of them as typed; those of the installation only for who may see them',
    ),
  holds: Joi.boolean()
    .required()
    .description('false: all of them were removed, sent again by a later request, or have ended'),
  by: text().allow('').description('The name of the user'),
  at: time('When they were added').required(),
  when_running: oneOf('finish', 'kill'),
  waiting: number('Targets that may still be sent: none, from the moment in which the exclusions were added'),
  ready: number('Tasks in RabbitMQ, or on the way to a worker that has not said so yet'),
  running: number(
    'Tasks that workers say they have in hand; one that ignores its end is there until it ends',
  ),
  running_targets: list(named('ReceiptTarget', lastTask)).description('The first of them'),
  since: time('From then on nothing of the project touches what they are about; null: not yet')
    .allow(null)
    .required(),
  last: named('LastTask', {
    ...lastTask,
    ended_at: time('When its worker did not have it any more').required(),
  })
    .allow(null)
    .required()
    .description('The task that ended last; null: none ran when they were added'),
});

export const removedExclusionsSchema = named('RemovedExclusionsAnswer', {
  removed: texts(),
  not_found: texts(),
});
