import Joi from 'joi';
import { AUDIT_EVENTS } from '../../adapters/audit/entry.ts';
import { list, named, next, oneOf, text, time } from '../openapi/answerSchemas.ts';

const anything = (description: string) => Joi.any().required().allow(null).description(description);
const orNull = (description: string) => Joi.string().allow(null, '').required().description(description);

export const auditSchema = named('AuditPage', {
  entries: list(
    named('AuditEntry', {
      id: text().description('Its place in the trail'),
      at: time('When').required(),
      event: oneOf(...AUDIT_EVENTS),
      user: Joi.object({ id: text(), username: text(), admin: Joi.boolean().required() })
        .required()
        .allow(null)
        .description('As far as the provider of the users knows; null: nobody that is known'),
      from: orNull('The address that the request came from'),
      request: orNull('`X-Request-Id` of the request'),
      project: orNull('null: of no project'),
      on: anything('What was asked for, or what it was done to'),
      before: anything('What was there'),
      after: anything('What is there now'),
      outcome: Joi.string().allow('').required().description('What it came to: ids, what was removed'),
    }),
  ).description('Newest first'),
  next,
});

export const auditExample = {
  entries: [
    {
      id: '1793611800000-0',
      at: '2026-11-02T09:30:00.000Z',
      event: 'exclusions.removed',
      user: { id: '3f6c1a52-6a3e-4d0b-9d57-0d9a3c1f0a11', username: 'alice', admin: false },
      from: '203.0.113.50',
      request: 'b7a1c0de-52a1-4d0a-8a4e-2c1d6c1a7f10',
      project: '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11',
      on: { plan: '0198a7c4-4d1c-4c0e-9a53-6a1f6f0c2b11' },
      before: {
        total: 1,
        listed: [{ entry: '203.0.113.7', by: 'alice', why: 'printer', until: null }],
      },
      after: { total: 0, listed: [] },
      outcome: '203.0.113.7',
    },
  ],
  next: '1793611800000-0',
};

export const badLimitExample = {
  detail: [
    {
      type: 'number.max',
      loc: ['query', 'limit'],
      msg: 'limit must be less than or equal to 200',
      input: 1_000,
    },
  ],
  code: 'invalid_request',
};
