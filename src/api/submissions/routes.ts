import { explain, explainQuerySchema } from '../explain/explain.ts';
import { explanationsExample, explanationsSchema } from '../explain/schemas.ts';
import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import * as example from './examples.ts';
import { historyExample, historySchema, submissionHistory } from './history.ts';
import * as shape from './schemas.ts';
import { submission, submissions, submissionsQuerySchema } from './submissions.ts';
import { submissionTargets, targetsQuerySchema } from './targets.ts';

const SUBMISSIONS = '/tasks/{project_id}/submissions';

export const SUBMISSION_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: SUBMISSIONS,
    auth: 'project',
    handler: submissions,
    operationId: 'listSubmissions',
    tag: 'Scans',
    summary: 'The scans of a project, newest first',
    description:
      'What begins while you page does not shift the pages. With `state`, a page looks at 2,000 submissions at most: it may then hold fewer than `limit`, and `next` goes on. Ended submissions are kept for 24 hours.',
    query: submissionsQuerySchema,
    answer: documented('One page', shape.submissionListSchema, example.submissionListExample),
  },
  {
    method: 'GET',
    path: `${SUBMISSIONS}/{submission_id}`,
    auth: 'project',
    handler: submission,
    operationId: 'getSubmission',
    tag: 'Scans',
    summary: 'All that is known of a scan',
    description:
      'What was asked for, by whom and when, how far each stage is, how many targets are done, and when the rest will be.',
    answer: documented('What is known now', shape.submissionDetailsSchema, example.submissionDetailsExample),
    errors: ['unknown_submission'],
  },
  {
    method: 'GET',
    path: `${SUBMISSIONS}/{submission_id}/history`,
    auth: 'project',
    handler: submissionHistory,
    operationId: 'getSubmissionHistory',
    tag: 'Scans',
    summary: 'How a scan went so far',
    description:
      'Points from the first task on, at most 240: when there are more, every second one goes, and from then on they come half as often. What is known now stands in the submission itself.',
    answer: documented('The series', historySchema, historyExample),
    errors: ['unknown_submission'],
  },
  {
    method: 'GET',
    path: `${SUBMISSIONS}/{submission_id}/targets`,
    auth: 'project',
    handler: submissionTargets,
    operationId: 'listTargets',
    tag: 'Scans',
    summary: 'What became of each target',
    description:
      'Pages of JSON, or with `Accept: text/csv` or `Accept: application/x-ndjson` all of it as one stream, from `cursor` on. `cursor` goes with the filters of its page. With `state` or `reason`, a page looks at 20,000 targets at most: it may then hold fewer than `limit`, or none, and `next` goes on. Entries that were skipped as unreadable are no targets and not listed. In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe.',
    query: targetsQuerySchema,
    answer: {
      description: 'One page, or all',
      schema: shape.targetPageSchema,
      example: example.targetPageExample,
      texts: example.targetTextsExample,
    },
    errors: ['unknown_submission', 'answer_room_full'],
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/explain',
    auth: 'project',
    handler: explain,
    operationId: 'explainTarget',
    tag: 'Explain',
    summary: 'Why a target was scanned, or was not',
    description:
      'For each submission that had to do with an address, a network, a range or a name: the entries that led to it, the names and their CNAME chains, the rule that refused it, or its task, when that was sent, and which worker has it. Of a network the first 50 addresses are explained, and all are counted.',
    query: explainQuerySchema,
    answer: documented('What is known', explanationsSchema, explanationsExample),
  },
];
