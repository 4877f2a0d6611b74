import Joi from 'joi';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import {
  errorFields,
  invalidEntries,
  invalidSchema,
  list,
  mapOf,
  named,
  number,
  oneOf,
  pausedText,
  reason,
  refusedRows,
  summary,
  text,
  texts,
  total,
  truncated,
  warnings,
} from '../openapi/answerSchemas.ts';
import { link, scanAnswerExample } from '../openapi/examples.ts';

/** The answers' shapes of the routes that scan, stop, and tell what runs. */

const submissionLink = named('SubmissionLink', {
  id: text(),
  state: oneOf(...SUBMISSION_STATES),
  href: text().description('Where to ask for it later'),
  paused: pausedText().description('Why nothing moves; absent: nobody holds it up'),
})
  .required()
  .example(link('dispatching'));

export const scanAnswerSchema = named('ScanAnswer', {
  summary,
  prepared_targets: mapOf(
    named('PreparedTarget', {
      hostnames: texts(),
      valid: Joi.boolean().required(),
      reason: reason().allow(null),
    }),
  )
    .description('By address, or by the name that did not resolve')
    .example(scanAnswerExample.prepared_targets),
  input_to_scan: list(
    Joi.object({
      input: text(),
      scanned_ip: text().allow(null).description('null for a network, a range or an octet form'),
      all_hostnames_for_ip: texts(),
    }),
  ).example(scanAnswerExample.input_to_scan),
  invalid_entries: invalidEntries,
  invalid_entries_total: total(),
  refused_detail: refusedRows,
  truncated: truncated('more than 65,536 targets were not all listed'),
  warnings,
  submission: submissionLink,
});

const submission = { submission: submissionLink.optional() };
export const submissionErrorSchema = named('SubmissionError', { ...errorFields, ...submission });

/** Refused by the scope rules, it names the submission. */
export const scanRefusedSchema = invalidSchema.keys(submission).meta({ className: 'ScanRefused' });

export const statusSchema = named('Status', {
  active_or_queued: number(
    'Tasks out, tasks accepted and not yet sent, and what is expected of submissions that are being planned',
  ),
  running: number(),
  running_targets: list(
    Joi.object({
      ip: text(),
      hostnames: texts(),
      worker: text(),
      started_at: number('Epoch seconds, an integer; 0 when the worker does not say'),
    }),
  ),
});

export const stopSchema = named('Stopped', {
  status: oneOf('stopped', 'no_tasks'),
  revoked: number('Tasks taken back, sent, waiting, or expected of what was being planned'),
});
