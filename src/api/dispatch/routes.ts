import { appliedExample } from '../exclusions/examples.ts';
import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { submissionDetailsExample } from '../submissions/examples.ts';
import { dispatchHistory, dispatchHistoryExample, dispatchHistorySchema } from './history.ts';
import { changedSubmissionSchema, changeSubmission, submissionChangeSchema } from './priority.ts';
import {
  dispatchSettings,
  dispatchSettingsExample,
  dispatchSettingsSchema,
  setDispatchSettings,
} from './settings.ts';
import { dispatchStatus, dispatchStatusExample, dispatchStatusSchema } from './status.ts';

const SETTINGS = '/tasks/{project_id}/dispatch';
const SET = documented('As it is now', dispatchSettingsSchema, dispatchSettingsExample);
const CHANGED = { ...submissionDetailsExample, priority: 2, receipt: appliedExample };

export const DISPATCH_ROUTES: readonly Route[] = [
  {
    method: 'PATCH',
    path: '/tasks/{project_id}/submissions/{submission_id}',
    auth: 'project',
    handler: changeSubmission,
    operationId: 'changeSubmission',
    tag: 'Scans',
    summary: 'Change the priority of a scan, or exclude more from it',
    description:
      '`priority` counts from its next batch on; what RabbitMQ has already is not called back. A lower number goes before all higher ones. Priority 1 is for admins. `exclude` adds to what the request excluded, and is applied at once: what waits is refused, what is ready in RabbitMQ is taken out, what runs is ended, or ends by itself with `"running": "finish"`.',
    body: {
      schema: submissionChangeSchema,
      example: { priority: 2, exclude: ['203.0.113.0/28'], running: 'finish' },
    },
    answer: documented('Changed', changedSubmissionSchema, CHANGED),
    accepted: documented('Changed; RabbitMQ is away, and what is in it follows', changedSubmissionSchema, {
      ...CHANGED,
      receipt: { ...appliedExample, complete: false },
    }),
    errors: ['admins_only', 'unknown_submission', 'submission_ended', 'too_many_exclusions', 'scope_refused'],
  },
  {
    method: 'GET',
    path: '/dispatch',
    auth: 'user',
    handler: dispatchStatus,
    operationId: 'getDispatch',
    tag: 'System',
    summary: 'How the workers are shared at this moment',
    description:
      'For admins: the window in RabbitMQ, and for each project its weight, its share of worker time, what waits and runs, and the submission that sends next.',
    answer: documented('At this moment', dispatchStatusSchema, dispatchStatusExample),
    errors: ['admins_only'],
  },
  {
    method: 'GET',
    path: '/dispatch/history',
    auth: 'user',
    handler: dispatchHistory,
    operationId: 'getDispatchHistory',
    tag: 'System',
    summary: 'How it went in the last hour',
    description:
      'For admins: the window, what was ready and running, and the tasks a minute, as series for curves.',
    answer: documented('The last hour', dispatchHistorySchema, dispatchHistoryExample),
    errors: ['admins_only'],
  },
  {
    method: 'GET',
    path: SETTINGS,
    auth: 'project',
    handler: dispatchSettings,
    operationId: 'getDispatchSettings',
    tag: 'Scans',
    summary: 'How the project shares the workers with others',
    answer: SET,
  },
  {
    method: 'PUT',
    path: SETTINGS,
    auth: 'project',
    handler: setDispatchSettings,
    operationId: 'setDispatchSettings',
    tag: 'Scans',
    summary: 'Set how the project shares the workers with others',
    description:
      'For admins. Within a priority, projects that have something to send get shares like their weights. A project that has nothing to send gives its share away, and gets none back for it later. The weight counts for what is added from now on.',
    body: { schema: dispatchSettingsSchema, example: dispatchSettingsExample },
    answer: SET,
    errors: ['admins_only'],
  },
];
