import Joi from 'joi';
import { FLOW } from '../../flows/tree.ts';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import { STAGE_STATES } from '../../queries/stages/stageStates.ts';
import { TARGET_STATES } from '../../queries/targetOutcome.ts';
import { scanRequestSchema } from '../intake/scanRequestSchema.ts';
import {
  failure,
  list,
  movedFrom,
  named,
  next,
  number,
  oneOf,
  pausedText,
  reason,
  refusedRows,
  summary,
  taskStarts,
  text,
  texts,
  time,
  user,
} from '../openapi/answerSchemas.ts';
import { PLAN } from '../openapi/examples.ts';

/** The answers' shapes of the routes that tell about submissions. */

const timeOrNull = (description: string) => time(description).allow(null).required();

const finishedAt = () =>
  timeOrNull('When the last of its tasks had ended; null: not yet').example('2026-11-02T10:21:40.000Z');

const submissionSchema = named('Submission', {
  id: text().description('Names it in the paths of this API'),
  kind: oneOf('scan').description('Always `scan`: plans have routes of their own'),
  project: Joi.string().guid().required().description('The project it belongs to'),
  user,
  state: oneOf(...SUBMISSION_STATES).description(
    '`planning`: not known yet what is scanned; `dispatching`: its tasks are being sent; `done`: all are sent; `finished`: and none of them is with a worker or in RabbitMQ any more; `stopped`: taken back; `failed`: a stage gave up and waits for a retry',
  ),
  priority: number('1 to 5: a lower number goes first'),
  created_at: time('When the request was accepted').required(),
  finished_at: finishedAt(),
  summary,
  total: number('Accepted targets in all; 0 while planning'),
  sent: number('Targets whose tasks were handed over'),
  failed: number('Dead letters: tasks that three workers began and none of them ended'),
  paused: pausedText()
    .allow(null)
    .required()
    .description('Why nothing moves though nothing failed: somebody holds it up; null: nobody does'),
  failure,
});

export const submissionListSchema = named('Submissions', {
  submissions: list(submissionSchema).description('Newest first'),
  next,
});

const options = named('SubmissionOptions', {
  ...Object.fromEntries(
    Object.keys((scanRequestSchema.describe() as { keys: object }).keys)
      .filter((name) => name !== 'hosts' && name !== 'exclude')
      .map((name) => [name, scanRequestSchema.extract(name)]),
  ),
  exclude: texts().description('What the request left out, as typed'),
})
  .required()
  .description('The request, without its hosts');

const times = named('SubmissionTimes', {
  created_at: time('When the request was accepted').required(),
  planned_at: timeOrNull('When it was known what is scanned; null: not yet'),
  first_sent_at: timeOrNull('When the first batch of tasks was out; null: not yet'),
  ended_at: timeOrNull('When the last batch was out, or a stop came; null: not yet').example(
    '2026-11-02T09:58:12.300Z',
  ),
  finished_at: finishedAt(),
}).required();

const stage = named('StageProgress', {
  stage: oneOf(...Object.keys(FLOW)).description('In the order of the flow'),
  state: oneOf(...STAGE_STATES).description(
    '`failed`: it gave up and waits for a retry; `stopped`: a stop came before it had ended',
  ),
  done: Joi.number()
    .integer()
    .description('resolve: chunks of names that are looked up; publish: targets whose batch was sent'),
  total: Joi.number().integer().description('resolve: chunks of names; publish: accepted targets'),
  began_at: timeOrNull(
    'When its work began; of a stage that was tried again, the last time. null: not yet, or not known',
  ),
  ended_at: timeOrNull('When its work ended; null: not yet, or not known'),
});

const progress = named('TargetCounts', {
  total: number('Accepted targets, and those in the place of dropped ones; 0 while planning'),
  sent: number('Handed over, dropped ones included'),
  done: number('Their workers have ended'),
  dropped: number(
    'Accepted, and left out when it was their turn, since a rule refused them by then, or their names led elsewhere',
  ),
  stopped: number('Taken back by a stop before their workers had ended'),
  failed: number('Begun three times, and never ended: `retry-failed` sends them again'),
  remaining: number('Waiting, queued or running: total - done - dropped - stopped - failed'),
  resent: number('Times that a task was lost (neither in RabbitMQ nor with a worker) and was sent again'),
}).required();

const estimate = named('Estimate', {
  ends_at: time('When the last worker will have ended at this rate').required(),
  rate_per_s: Joi.number().required().description('Targets that ended per second since the first batch'),
})
  .allow(null)
  .required()
  .description('null until 5 targets have ended and 10 s have passed, and when nothing remains');

export const submissionDetailsSchema = submissionSchema
  .keys({
    plan: Joi.string().allow(null).required().description('The plan that it runs; null: none').example(PLAN),
    options,
    taken_out: list(
      named('TakenOut', {
        id: text().description('Names the receipt'),
        how: oneOf('excluded', 'cancelled'),
        by: text().allow(''),
        at: time('When').required(),
        entries: texts().description('As typed'),
      }),
    ).description('What somebody took out of it later: by `exclude`, or by cancel-targets'),
    times,
    refused_detail: refusedRows
      .required()
      .description('How many each rule refused, most first: the first 100; none while it is being planned'),
    stages: list(stage),
    progress,
    estimate,
  })
  .meta({ className: 'SubmissionDetails' });

export const targetPageSchema = named('Targets', {
  targets: list(
    named('Target', {
      target: text().description('An address, or a name that did not resolve'),
      hostnames: texts().description('The names that led to it, sorted; in CSV separated by blanks'),
      state: oneOf(...TARGET_STATES).description(
        '`waiting`: not sent yet; `queued`: sent, no worker has begun; `running`; `done`: its worker has ended; `refused`: not accepted; `dropped`: accepted, and left out when it was its turn; `stopped`: taken back by a stop; `failed`: begun three times, and never ended',
      ),
      reason: reason().allow(null).description('Why it was refused or dropped'),
      task_id: Joi.string().guid().allow(null).required().description('null: it was not sent'),
      starts: taskStarts().description(
        'Of a failed one: which workers began it; in CSV `worker@time`, separated by blanks',
      ),
      moved_from: movedFrom(),
    }),
  ).description(
    'Accepted ones ascending (IPv4 first), those in the place of dropped ones, refused ones by reason, then names without address',
  ),
  next,
});
