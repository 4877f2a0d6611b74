import Joi from 'joi';
import { REFUSAL_REASONS } from '../../model/refusal.ts';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import { TARGET_STATES } from '../../queries/targetOutcome.ts';
import { SUBMISSION_CURSOR } from '../http/cursor.ts';
import {
  counted,
  list,
  movedFrom,
  named,
  oneOf,
  reason,
  refusalDetail,
  resolvedFields,
  taskStarts,
  text,
  time,
  user,
} from '../openapi/answerSchemas.ts';
import { ALICE, excludedDetail, resolvedExample, SUBMISSION } from '../openapi/examples.ts';
import { place } from '../plans/schemas.ts';

/** The answer's shape of explain. */

const refusal = named('Refusal', { reason: reason(), detail: refusalDetail.required() }).description(
  'The rule that refused it',
);

const explanation = named('Explanation', {
  submission: named('ExplainedSubmission', {
    id: text(),
    state: oneOf(...SUBMISSION_STATES),
    created_at: time('When the request was accepted').required(),
    user,
  }).required(),
  entries: list(named('Place', place)).description('The entries that led to it, 50 at most'),
  names: list(
    named('ExplainedName', {
      name: text(),
      ...resolvedFields,
      looked_up_at: time('When'),
      refusal,
    }),
  ).description('The names that led to it, or the name itself'),
  addresses: list(
    named('ExplainedAddress', {
      address: text(),
      state: oneOf(...TARGET_STATES),
      refusal,
      task_id: text().allow(null).example('5b2f3b0c-52a1-5d0a-8a4e-2c1d6c1a7f10'),
      moved_from: movedFrom(),
      sent_at: time('When its batch was sent').example('2026-11-02T09:30:01.480Z'),
      starts: taskStarts().description('Of a failed one: which workers began it'),
      worker: Joi.string().description('Who scans it now').example('worker-1'),
      started_at: Joi.number().integer().min(0).description('Epoch seconds').example(1_793_611_800),
    }),
  ).description('The address, those of the name, or the first ones of the network: 50 at most'),
  network: named('ExplainedNetwork', {
    accepted: counted(),
    refused: Joi.object()
      .pattern(oneOf(...REFUSAL_REASONS), counted())
      .required()
      .description('By reason')
      .example({ forbidden: 8 }),
  })
    .description('Of several addresses: how many of them the submission accepted and refused')
    .example({ accepted: 6, refused: { forbidden: 8 } }),
});

export const explanationsSchema = named('Explanations', {
  submissions: list(explanation).description('Every submission that had to do with it, newest first'),
  next: text()
    .allow(null)
    .description('100 submissions are looked at: `cursor` of the next question, or null'),
});

const excluded = { reason: 'forbidden', detail: excludedDetail };

export const explanationsExample = {
  submissions: [
    {
      submission: {
        id: SUBMISSION,
        state: 'done',
        created_at: '2026-11-02T09:30:00.000Z',
        user: ALICE,
      },
      entries: [{ entry: 'shop.example.com', item: 1, line: 3, column: 1 }],
      names: [
        {
          name: 'shop.example.com',
          addresses: ['203.0.113.7'],
          ...resolvedExample,
          looked_up_at: '2026-11-02T09:30:00.120Z',
          refusal: excluded,
        },
      ],
      addresses: [{ address: '203.0.113.7', state: 'refused', refusal: excluded, task_id: null }],
    },
  ],
  next: SUBMISSION_CURSOR,
};
