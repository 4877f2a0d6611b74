import Joi from 'joi';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import {
  errorCode,
  invalidEntries,
  invalidSchema,
  mapOf,
  number,
  pausedText,
  reason,
  refusedRows,
  summary,
  text,
  texts,
  total,
  warnings,
} from '../openapi/answerSchemas.ts';
import { link, scanAnswerExample } from '../openapi/examples.ts';

/** The answers' shapes of the routes that scan, stop, and tell what runs. */

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

export const scanAnswerSchema = Joi.object({
  summary,
  prepared_targets: mapOf(
    Joi.object({ hostnames: texts(), valid: Joi.boolean().required(), reason: reason().allow(null) }).meta({
      className: 'PreparedTarget',
    }),
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
  code: errorCode(),
  submission: submissionLink.optional(),
}).meta({ className: 'SubmissionError' });

/** Refused by the scope rules, it names the submission. */
export const scanRefusedSchema = invalidSchema
  .keys({ submission: submissionLink.optional() })
  .meta({ className: 'ScanRefused' });

export const statusSchema = Joi.object({
  active_or_queued: number(
    'Tasks out, tasks accepted and not yet sent, and what is expected of submissions that are being planned',
  ),
  running: number(),
  running_targets: Joi.array()
    .items(
      Joi.object({
        ip: text(),
        hostnames: texts(),
        worker: text(),
        started_at: number('Epoch seconds, an integer; 0 when the worker does not say'),
      }),
    )
    .required(),
}).meta({ className: 'Status' });

export const stopSchema = Joi.object({
  status: Joi.string().valid('stopped', 'no_tasks').required(),
  revoked: number('Tasks taken back, sent, waiting, or expected of what was being planned'),
}).meta({ className: 'Stopped' });
