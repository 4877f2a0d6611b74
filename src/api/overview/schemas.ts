import Joi from 'joi';
import { SUBMISSION_STATES } from '../../model/submission.ts';
import {
  failure,
  list,
  named,
  next,
  number,
  oneOf,
  pausedText,
  text,
  texts,
  time,
  user,
} from '../openapi/answerSchemas.ts';

/** The answers' shapes of the routes that look at all projects. */

const timeOrNull = (description: string) => time(description).allow(null).required();

const scanCounts = named('ScanCounts', {
  total: number(
    'Tasks in all: waiting + ready + running + done + dropped + stopped + failed; as long as it plans, what it may come to',
  ),
  waiting: number('Not sent'),
  ready: number('Sent, and no worker has begun'),
  running: number('A worker says that it has it in hand'),
  done: number('Their workers have ended'),
  dropped: number('Left out when it was their turn'),
  stopped: number('Taken back'),
  failed: number('Dead letters'),
  refused: number('Targets that are no part of it: entries, addresses and names together'),
})
  .required()
  .description('As of a moment up to two seconds ago');

export const scanRowSchema = named('ScanRow', {
  id: text(),
  project: Joi.string().guid().required(),
  user,
  state: oneOf(...SUBMISSION_STATES),
  priority: number('1 to 5: a lower number goes first'),
  paused: pausedText().allow(null).required().description('Who or what holds it up; null: nothing does'),
  created_at: time('When the request was accepted').required(),
  finished_at: timeOrNull('When the last of its tasks had ended; null: not yet').example(
    '2026-11-02T10:21:40.000Z',
  ),
  entries: named('FirstEntries', {
    total: number('Entries of the request'),
    first: texts().description('The first ones as typed, 5 at most, long ones cut'),
  }).required(),
  counts: scanCounts,
  rate_per_s: Joi.number()
    .allow(null)
    .required()
    .description('Tasks that ended per second since the first batch; null: too few yet'),
  ends_at: timeOrNull('When the last one will have ended at this rate; null: not known, or nothing remains'),
  failure,
});

export const allSubmissionsSchema = named('AllSubmissions', {
  submissions: list(scanRowSchema).description('Newest first'),
  next,
});

export const projectsSchema = named('Projects', {
  projects: list(
    named('ProjectOverview', {
      id: Joi.string().guid().required(),
      name: Joi.string().allow(null, '').required().description('As ScanLedger calls it; null: not known'),
      open: number('Scans that are neither done nor stopped'),
      kept: number('Scans of which something is kept, those included'),
      waiting: number('Tasks of them that are not sent'),
      last_at: time('When the newest of them began').required(),
      paused: Joi.boolean().required().description('Somebody paused the project'),
    }),
  ).description('The one with the newest scan first, 1,000 at most'),
});

export const workersAtWorkSchema = named('WorkersAtWork', {
  workers: list(
    named('WorkerAtWork', {
      host: text(),
      ip: text().allow(null).description('As it says itself'),
      last_seen: timeOrNull('When it answered last; null: not lately'),
      unanswered_pings: number('Pings in a row that it did not answer; one goes out every 15 s'),
      done_last_hour: number('Tasks that it ended in the last hour, of all projects'),
      tasks: list(
        named('TaskAtWork', {
          task_id: text(),
          project: Joi.string().guid().required(),
          submission: text(),
          address: text().allow(null),
          since: timeOrNull('By the clock of the worker'),
        }),
      ).description('What it has in hand, of projects that you may see'),
      others: number('What it has in hand beside that'),
    }),
  ).description('By host name; those that left six pings in a row unanswered are not listed'),
});
