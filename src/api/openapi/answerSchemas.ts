import Joi from 'joi';
import { REFUSAL_REASONS } from '../../model/refusal.ts';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import {
  failureExample,
  link,
  PAUSED,
  REQUEST_ID,
  refusedRowsExample,
  scanAnswerExample,
  summary as summaryExample,
} from './examples.ts';

/** The answers' shapes, for the documentation and its test. */

export const number = () => Joi.number().integer().min(0).required();
export const text = () => Joi.string().required();
export const texts = () => Joi.array().items(Joi.string()).required();
/** Of a list that is cut. */
export const total = () =>
  Joi.number().integer().description('How many there are, when not all are listed').example(60_000);
/** An object with any keys and one kind of value. */
const mapOf = (value: Joi.Schema) => Joi.object().pattern(Joi.string(), value).required();

export const errorSchema = Joi.object({
  detail: text().description('What is wrong, and what to do about it where that is clear'),
  request_id: Joi.string()
    .description('Names the request in the log; with status 500 only')
    .example(REQUEST_ID),
}).meta({ className: 'Error' });

const problem = Joi.object({
  type: text(),
  loc: Joi.array().items(Joi.string(), Joi.number().integer()).required(),
  msg: text(),
  input: Joi.any().description('What was sent there, shortened'),
  line: Joi.number().integer().min(1).description('In an item of `hosts` that holds more than the entry'),
  column: Joi.number().integer().min(1).description('Likewise; both count from 1'),
}).meta({ className: 'Problem' });

export const invalidSchema = Joi.object({
  detail: Joi.array().items(problem).required().description('Everything that is wrong, 1,000 items at most'),
  errors_total: total(),
}).meta({ className: 'Invalid' });

export const summary = Joi.object({
  provided: number().description('Entries in the request, skipped ones included'),
  duplicates_removed: number().description('Entries equal to an earlier one in normal form'),
  resolved_ips: number().description('Distinct addresses found, refused ones included'),
  hostnames_collapsed_to_ip: number().description('Links between a name and an address'),
  refused: Joi.object(Object.fromEntries(REFUSAL_REASONS.map((reason) => [reason, number()]))).required(),
  sent_to_scan: number().description('Accepted: sent, or waiting for its turn'),
})
  .required()
  .example(summaryExample)
  .meta({ className: 'Summary' });

/** The sentence that says who holds a submission up. */
export const pausedText = () => Joi.string().example(PAUSED);

const submissionLink = Joi.object({
  id: text(),
  state: Joi.string()
    .valid(...SUBMISSION_STATES)
    .required(),
  href: text().description('Where to ask for it later'),
  paused: pausedText().description('Why nothing moves; absent: nobody holds it up'),
})
  .required()
  .example(link('dispatching'))
  .meta({ className: 'SubmissionLink' });

export const invalidEntries = Joi.array()
  .items(problem)
  .description('Entries that were skipped (`on_invalid`), 1,000 at most; absent when there are none');

export const refusalDetail = Joi.object({
  rule: Joi.string()
    .valid('special_purpose', 'allowlist', 'exclusion', 'ledger', 'queue', 'dns', 'entry', 'message')
    .required(),
  source: Joi.string()
    .allow('')
    .required()
    .description(
      'Whose rule: `IANA: Private-Use (RFC 1918)`, `ALLOWED_HOSTS`, `installation`, `project`, `request`',
    ),
  entry: Joi.string()
    .allow('')
    .required()
    .description('Which row or line: a network, an exclusion as typed, `nxdomain`'),
}).meta({ className: 'RefusalDetail' });

export const refusedRows = Joi.array()
  .items(
    Joi.object({
      reason: Joi.string()
        .valid(...REFUSAL_REASONS)
        .required(),
      detail: refusalDetail.required(),
      count: number(),
    }).meta({ className: 'RefusedRow' }),
  )
  .description('How many each rule refused, most first; beyond 1,000 rows the rest of each rule is summed up')
  .example(refusedRowsExample);

export const movedFrom = () =>
  Joi.string()
    .description('The planned address in whose place it is: a name led there, and leads here by now')
    .example('8.8.8.8');

export const unanswered = () =>
  Joi.object({
    family: Joi.string().valid('4', '6').required(),
    failure: Joi.string().required().description('`servfail`, `timeout`, ...'),
  })
    .description('Of `ip_version` any: the family that DNS did not tell; the name may have more addresses')
    .meta({ className: 'Unanswered' });

export const warnings = Joi.array()
  .items(
    Joi.object({
      code: text(),
      message: text(),
      loc: Joi.array().items(Joi.string(), Joi.number().integer()),
    }).meta({ className: 'Warning' }),
  )
  .required()
  .description('What is allowed, and perhaps not meant');

export const scanAnswerSchema = Joi.object({
  summary,
  prepared_targets: mapOf(
    Joi.object({
      hostnames: texts(),
      valid: Joi.boolean().required(),
      reason: Joi.string()
        .valid(...REFUSAL_REASONS)
        .allow(null)
        .required(),
    }).meta({ className: 'PreparedTarget' }),
  )
    .description('By address, or by the name that did not resolve')
    .example(scanAnswerExample.prepared_targets),
  input_to_scan: Joi.array()
    .items(
      Joi.object({
        input: text(),
        scanned_ip: text().allow(null).description('null for a network, a range or an octet form'),
        all_hostnames_for_ip: texts(),
      }),
    )
    .required()
    .example(scanAnswerExample.input_to_scan),
  invalid_entries: invalidEntries,
  invalid_entries_total: total(),
  refused_detail: refusedRows,
  truncated: Joi.boolean()
    .description('Present when more than 65,536 targets were not all listed')
    .example(true),
  warnings,
  submission: submissionLink,
}).meta({ className: 'ScanAnswer' });

export const submissionErrorSchema = Joi.object({
  detail: text(),
  submission: submissionLink.optional(),
}).meta({
  className: 'SubmissionError',
});

/** Refused by the scope rules, it names the submission. */
export const scanRefusedSchema = invalidSchema
  .keys({ submission: submissionLink.optional() })
  .meta({ className: 'ScanRefused' });

export const user = Joi.object({ id: text(), username: text() }).required().description('Who asked for it');

export const failure = Joi.object({
  stage: text().description('The stage that gave up'),
  reason: text().description('Why, and what to do'),
  byScope: Joi.boolean().required().description('Because of the scope rules'),
})
  .description('In state failed')
  .example(failureExample);

export const submissionSchema = Joi.object({
  id: text().description('Names it in the paths of this API'),
  kind: Joi.string().valid('scan').required().description('Always `scan`: plans have routes of their own'),
  project: Joi.string().guid().required().description('The project it belongs to'),
  user,
  state: Joi.string()
    .valid(...SUBMISSION_STATES)
    .required()
    .description(
      '`planning`: not known yet what is scanned; `dispatching`: its tasks are being sent; `done`: all are sent; `stopped`: taken back; `failed`: a stage gave up and waits for a retry',
    ),
  createdAt: Joi.string().isoDate().required().description('When the request was accepted'),
  summary,
  total: number().description('Accepted targets in all; 0 while planning'),
  sent: number().description('Targets whose tasks were handed over'),
  paused: pausedText()
    .allow(null)
    .required()
    .description('Why nothing moves though nothing failed: somebody holds it up; null: nobody does'),
  failure,
}).meta({ className: 'Submission' });

export const statusSchema = Joi.object({
  active_or_queued: number().description(
    'Tasks out, tasks accepted and not yet sent, and what is expected of submissions that are being planned',
  ),
  running: number(),
  running_targets: Joi.array()
    .items(
      Joi.object({
        ip: text(),
        hostnames: texts(),
        worker: text(),
        started_at: number().description('Epoch seconds, an integer; 0 when the worker does not say'),
      }),
    )
    .required(),
}).meta({ className: 'Status' });

export const stopSchema = Joi.object({
  status: Joi.string().valid('stopped', 'no_tasks').required(),
  revoked: number().description('Tasks taken back, sent, waiting, or expected of what was being planned'),
}).meta({ className: 'Stopped' });

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
