import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import {
  cancelledTargetsExample,
  cancelledTargetsSchema,
  cancelTargets,
  cancelTargetsExample,
  cancelTargetsSchema,
} from './cancelTargets.ts';
import {
  cancelledExample,
  cancelledSchema,
  cancelSubmission,
  pauseAll,
  pausedExample,
  pausedSchema,
  pauseExample,
  pauseProject,
  pauseSchema,
  pauseSubmission,
  resumeAll,
  resumedExample,
  resumedSchema,
  resumeProject,
  resumeSubmission,
} from './pause.ts';
import {
  retriedExample,
  retriedSchema,
  retriedStagesExample,
  retriedStagesSchema,
  retryFailed,
  retryStages,
} from './retry.ts';

const SUBMISSION = '/tasks/{project_id}/submissions/{submission_id}';
const PROJECT = '/tasks/{project_id}';
const BODY = { schema: pauseSchema, example: pauseExample };
const PAUSED = {
  answer: documented('Paused', pausedSchema, pausedExample),
  accepted: documented('Paused; RabbitMQ is away, and what is in it follows', pausedSchema, {
    ...pausedExample,
    complete: false,
  }),
};
const RESUMED = documented('Resumed, or nothing was paused', resumedSchema, resumedExample);
const SENT_AGAIN =
  'Nothing more is sent. What is ready in RabbitMQ comes back at once, and is sent again after the resume, each task once. Pausing twice is no error.';
const HELD = 'What another pause holds (of the scan, its project or everything) goes on waiting.';

export const PAUSE_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: `${SUBMISSION}/pause`,
    auth: 'project',
    handler: pauseSubmission,
    operationId: 'pauseSubmission',
    tag: 'Scans',
    summary: 'Pause a scan',
    description: SENT_AGAIN,
    body: BODY,
    ...PAUSED,
    errors: ['unknown_submission', 'submission_ended'],
  },
  {
    method: 'POST',
    path: `${SUBMISSION}/resume`,
    auth: 'project',
    handler: resumeSubmission,
    operationId: 'resumeSubmission',
    tag: 'Scans',
    summary: 'Go on with a scan',
    description: HELD,
    answer: RESUMED,
    errors: ['unknown_submission', 'submission_ended'],
  },
  {
    method: 'POST',
    path: `${SUBMISSION}/cancel`,
    auth: 'project',
    handler: cancelSubmission,
    operationId: 'cancelSubmission',
    tag: 'Scans',
    summary: 'Take a scan back, for good',
    description:
      'What waits is not sent, what is ready in RabbitMQ is taken out; what was done stays done. What runs goes on, or is ended with `"running": "kill"`. One that is done can be cancelled until it is finished.',
    body: BODY,
    answer: documented('Cancelled', cancelledSchema, cancelledExample),
    accepted: documented(
      'Cancelled; RabbitMQ is away or confirms nothing, and what is in it follows',
      cancelledSchema,
      {
        ...cancelledExample,
        complete: false,
      },
    ),
    errors: ['unknown_submission', 'submission_ended'],
  },
  {
    method: 'POST',
    path: `${SUBMISSION}/retry-failed`,
    auth: 'project',
    handler: retryFailed,
    operationId: 'retryFailed',
    tag: 'Scans',
    summary: 'Send the dead letters of a scan again',
    description:
      'Tasks that three workers began and none of them ended: their workers died of them. `GET …/targets?state=failed` lists them, with the workers and the times.',
    answer: documented('They are sent again', retriedSchema, retriedExample),
    errors: ['unknown_submission', 'submission_ended'],
  },
  {
    method: 'POST',
    path: `${SUBMISSION}/retry-stages`,
    auth: 'project',
    handler: retryStages,
    operationId: 'retryStages',
    tag: 'Scans',
    summary: 'Try the stages of a scan again that gave up',
    description:
      'As a retry on the board: of a scan in state `failed`, whose `failure` says why. Each gets all its tries again.',
    answer: documented('They are tried again', retriedStagesSchema, retriedStagesExample),
    errors: ['unknown_submission'],
  },
  {
    method: 'POST',
    path: `${PROJECT}/cancel-targets`,
    auth: 'project',
    handler: cancelTargets,
    operationId: 'cancelTargets',
    tag: 'Scans',
    summary: 'Take targets out of scans, for good',
    description:
      'Of one scan, or of all of the project that have something left. What waits is not sent, what is ready in RabbitMQ is taken out, what runs is ended; what was done stays done. A name stands for the targets that it leads to. Scans that come later are not concerned.',
    body: { schema: cancelTargetsSchema, example: cancelTargetsExample },
    answer: documented('Cancelled', cancelledTargetsSchema, cancelledTargetsExample),
    accepted: documented(
      'Cancelled; RabbitMQ is away or confirms nothing, and what is in it follows',
      cancelledTargetsSchema,
      {
        ...cancelledTargetsExample,
        complete: false,
      },
    ),
    errors: ['unknown_submission', 'submission_ended', 'too_many_exclusions', 'scope_refused'],
  },
  {
    method: 'POST',
    path: `${PROJECT}/pause`,
    auth: 'project',
    handler: pauseProject,
    operationId: 'pauseProject',
    tag: 'Scans',
    summary: 'Pause all scans of a project',
    description: `${SENT_AGAIN} Scans that come later wait too.`,
    body: BODY,
    ...PAUSED,
  },
  {
    method: 'POST',
    path: `${PROJECT}/resume`,
    auth: 'project',
    handler: resumeProject,
    operationId: 'resumeProject',
    tag: 'Scans',
    summary: 'Go on with a project',
    description: HELD,
    answer: RESUMED,
  },
  {
    method: 'POST',
    path: '/dispatch/pause',
    auth: 'user',
    handler: pauseAll,
    operationId: 'pauseDispatch',
    tag: 'System',
    summary: 'Pause everything',
    description: `For admins. ${SENT_AGAIN} It stays so also when Tasker is started anew.`,
    body: BODY,
    ...PAUSED,
    errors: ['admins_only'],
  },
  {
    method: 'POST',
    path: '/dispatch/resume',
    auth: 'user',
    handler: resumeAll,
    operationId: 'resumeDispatch',
    tag: 'System',
    summary: 'Go on with everything',
    description: `For admins. ${HELD}`,
    answer: RESUMED,
    errors: ['admins_only'],
  },
];
