import Joi from 'joi';
import { REFUSAL_REASONS } from '../../model/refusal.ts';
import { ERROR_CODES } from '../http/errorCodes.ts';
import type { DocumentedResponse } from '../http/route.ts';
import { failureBody } from '../submissions/submissionBody.ts';
import {
  failureExample,
  PAUSED,
  REQUEST_ID,
  refusedRowsExample,
  summary as summaryExample,
} from './examples.ts';

/** What the answers of several routes are made of, for the documentation and its test. */

export const number = (description?: string) => {
  const schema = Joi.number().integer().min(0).required();
  return description === undefined ? schema : schema.description(description);
};
/** Of addresses: those of IPv6 can be very many. */
export const counted = () =>
  Joi.alternatives(Joi.number().integer(), Joi.string())
    .required()
    .description('A number; as text beyond 2^53');
/** An object with a name of its own in the document. */
export const named = (className: string, keys: Joi.SchemaMap) => Joi.object(keys).meta({ className });
export const list = (item: Joi.Schema) => Joi.array().items(item).required();
export const oneOf = (...values: readonly string[]) =>
  Joi.string()
    .valid(...values)
    .required();
/** An answer as the document shows it. */
export const documented = (description: string, schema: Joi.Schema, example: object): DocumentedResponse => {
  return { description, schema, example };
};
export const text = () => Joi.string().required();
export const texts = () => list(Joi.string());
/** Of an answer that may be cut. */
export const truncated = (when: string) => Joi.boolean().description(`Present when ${when}`).example(true);
/** Of a list that is cut. */
export const total = () =>
  Joi.number().integer().description('How many there are, when not all are listed').example(60_000);
/** An object with any keys and one kind of value. */
export const mapOf = (value: Joi.Schema) => Joi.object().pattern(Joi.string(), value).required();
export const time = (description: string) => Joi.string().isoDate().description(description);
export const next = Joi.string()
  .allow(null)
  .required()
  .description('`cursor` of the next page; null: this is the last one');

const code = oneOf(...Object.keys(ERROR_CODES))
  .description('For programs: it stays what it is, whatever `detail` says')
  .meta({ className: 'ErrorCode' });

/** What every error has. */
export const errorFields = { detail: text(), code };

export const errorSchema = named('Error', {
  detail: text().description('What is wrong, and what to do about it where that is clear'),
  code,
  request_id: Joi.string()
    .description('Names the request in the log; with status 500 only')
    .example(REQUEST_ID),
});

const fromOne = Joi.number().integer().min(1);
const loc = () => Joi.array().items(Joi.string(), Joi.number().integer());

const problem = named('Problem', {
  type: text(),
  loc: loc().required(),
  msg: text(),
  input: Joi.any().description('What was sent there, shortened'),
  line: fromOne.description('In an item of `hosts` that holds more than the entry').example(2),
  column: fromOne.description('Likewise; both count from 1').example(1),
});

export const invalidSchema = named('Invalid', {
  detail: list(problem).description('Everything that is wrong, 1,000 items at most'),
  code,
  errors_total: total(),
});

export const reason = () => oneOf(...REFUSAL_REASONS);

export const summary = named('Summary', {
  provided: number('Entries in the request, skipped ones included'),
  duplicates_removed: number('Entries equal to an earlier one in normal form'),
  resolved_ips: number('Distinct addresses found, refused ones included'),
  hostnames_collapsed_to_ip: number('Links between a name and an address'),
  refused: Joi.object(Object.fromEntries(REFUSAL_REASONS.map((each) => [each, number()]))).required(),
  sent_to_scan: number('Accepted: sent, or waiting for its turn'),
})
  .required()
  .example(summaryExample);

export const pauseShape = () =>
  named('Pause', {
    since: text().description('ISO 8601'),
    by: text().allow('').description('The name of the user'),
    why: text().allow(null),
  });

/** The sentence that says who holds a submission up. */
export const pausedText = () => Joi.string().example(PAUSED);

export const invalidEntries = Joi.array()
  .items(problem)
  .description('Entries that were skipped (`on_invalid`), 1,000 at most; absent when there are none');

const textOrNone = text().allow('');

export const refusalDetail = named('RefusalDetail', {
  rule: oneOf(
    'special_purpose',
    'allowlist',
    'exclusion',
    'cancelled',
    'ledger',
    'queue',
    'dns',
    'entry',
    'message',
  ),
  source: textOrNone.description(
    'Whose rule: `IANA: Private-Use (RFC 1918)`, `ALLOWED_HOSTS`, `installation`, `project`, `request`; of what a scan got later, who and when',
  ),
  entry: textOrNone.description('Which row or line: a network, an exclusion as typed, `nxdomain`'),
});

export const refusedRows = Joi.array()
  .items(named('RefusedRow', { reason: reason(), detail: refusalDetail.required(), count: number() }))
  .description('How many each rule refused, most first; beyond 1,000 rows the rest of each rule is summed up')
  .example(refusedRowsExample);

export const movedFrom = () =>
  Joi.string()
    .description('The planned address in whose place it is: a name led there, and leads here by now')
    .example('8.8.8.8');

/** Who began a task that never ended. */
export const taskStarts = () =>
  Joi.array().items(
    named('TaskStart', {
      worker: text().example('worker-1'),
      started_at: time('By its own clock').required().example('2026-11-02T09:31:00.000Z'),
    }),
  );

/** What a name came to. */
export const resolvedFields = {
  addresses: texts(),
  chain: texts().description('CNAME targets in order'),
  ttl_s: Joi.number().integer().description('Seconds'),
  unanswered: named('Unanswered', {
    family: oneOf('4', '6'),
    failure: Joi.string().required().description('`servfail`, `timeout`, ...'),
  }).description('Of `ip_version` any: the family that DNS did not tell; the name may have more addresses'),
  wildcard: Joi.boolean().description('Its domain answers for every name below it'),
};

export const warnings = list(named('Warning', { code: text(), message: text(), loc: loc() })).description(
  'What is allowed, and perhaps not meant',
);

export const user = Joi.object({ id: text(), username: text() }).required().description('Who asked for it');

export const failure = Joi.object({
  stage: text().description('The stage that gave up'),
  reason: text().description('Why, and what to do'),
  by_scope: Joi.boolean().required().description('Because of the scope rules'),
})
  .description('In state failed')
  .example(failureBody(failureExample));
