import * as shape from './answerSchemas.ts';
import * as example from './examples.ts';
import { exclusionsSchema, removedExclusionsSchema } from './exclusionBody.ts';
import { addExclusions, exclusions, removeExclusions, replaceExclusions } from './exclusions.ts';
import { health, projectStatus, ready, stopNmap, submission, workersIps } from './handlers.ts';
import { runRequestSchema, scanRequestSchema } from './optionSchema.ts';
import { comparePlans, makePlan, plan } from './plan.ts';
import type { Route } from './route.ts';
import { runNmap } from './runNmap.ts';

const BODY_ERRORS = {
  400: errorAnswer('The body cannot be read', 'The body cannot be read: request aborted'),
  413: errorAnswer(
    'The body is too large',
    'The body is larger than the limit of 4194304 bytes (a list of exclusions)',
  ),
  415: errorAnswer('Unknown content encoding', 'The body cannot be read: unsupported content encoding'),
};

const SCAN_BODY_ERRORS = {
  ...BODY_ERRORS,
  413: errorAnswer('The body is too large', 'The body is larger than the limit of 33554432 bytes (MAX_BODY)'),
};

const GAVE_UP = {
  description: 'Something is away, or a stage gave up and waits for a retry',
  schema: shape.submissionErrorSchema,
  example: example.failedExample,
};

const PLAN = {
  200: { description: 'The plan', schema: shape.planSchema, example: example.planExample },
  202: {
    description: 'Still being made: ask for it again',
    schema: shape.planNumbersSchema,
    example: example.planNumbersExample,
  },
};

const EXCLUSIONS = {
  description: 'The list as it is now',
  schema: shape.exclusionListSchema,
  example: example.exclusionsExample,
};

/** Every route of the API. The server, the 405 answers and the documentation are made from it. */
export const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/run-nmap',
    auth: 'project',
    handler: runNmap,
    docs: {
      summary: 'Submit targets',
      description:
        'Answers when the submission is planned. The same request, sent again by the same user while the first one is being planned, joins it. Unknown fields are ignored. The body may also be just `{"plan": "<id>"}`: that scans exactly what the plan came to, refuses when the scope rules have changed since, and sent again it answers for the same submission.',
      body: { schema: runRequestSchema, example: example.scanRequestExample },
      answers: {
        200: {
          description: 'Planned; the tasks are being sent',
          schema: shape.scanAnswerSchema,
          example: example.scanAnswerExample,
        },
        202: {
          description: 'Accepted and still being planned: the numbers so far',
          schema: shape.scanAnswerSchema,
          example: example.planningExample,
        },
        ...SCAN_BODY_ERRORS,
        409: {
          description: 'Somebody stopped the scan meanwhile',
          schema: shape.submissionErrorSchema,
          example: example.stoppedExample,
        },
        503: GAVE_UP,
      },
    },
  },
  {
    method: 'POST',
    path: '/tasks/{project_id}/plan',
    auth: 'project',
    handler: makePlan,
    docs: {
      summary: 'What a scan would do',
      description:
        'Takes the same body as run-nmap and goes the same way, without holding or sending anything. `run-nmap` with `{"plan": "<id>"}` then scans exactly this. A plan is kept for 24 hours.',
      body: { schema: scanRequestSchema, example: example.scanRequestExample },
      answers: { ...PLAN, ...SCAN_BODY_ERRORS, 503: GAVE_UP },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}',
    auth: 'project',
    handler: plan,
    docs: { summary: 'A plan that was made', answers: { ...PLAN, 503: GAVE_UP } },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/plan/{plan_id}/diff/{other_id}',
    auth: 'project',
    handler: comparePlans,
    docs: {
      summary: 'What came and what went from one plan to another',
      answers: {
        200: {
          description: 'Addresses of the second plan that the first has not, and the other way round',
          schema: shape.planDiffSchema,
          example: example.planDiffExample,
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/submissions/{submission_id}',
    auth: 'project',
    handler: submission,
    docs: {
      summary: 'How far a submission is',
      answers: {
        200: {
          description: 'What is known now',
          schema: shape.submissionSchema,
          example: example.submissionExample,
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: exclusions,
    docs: {
      summary: 'What is never scanned',
      answers: { 200: EXCLUSIONS },
    },
  },
  {
    method: 'POST',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: addExclusions,
    docs: {
      summary: 'Exclude more',
      description: 'Adds to the list; an entry that is there already, in any spelling, is written anew.',
      body: { schema: exclusionsSchema, example: example.newExclusionsExample },
      answers: { 200: EXCLUSIONS, ...BODY_ERRORS },
    },
  },
  {
    method: 'PUT',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: replaceExclusions,
    docs: {
      summary: 'Exclude these and no others',
      body: { schema: exclusionsSchema, example: example.newExclusionsExample },
      answers: { 200: EXCLUSIONS, ...BODY_ERRORS },
    },
  },
  {
    method: 'DELETE',
    path: '/tasks/{project_id}/exclusions',
    auth: 'project',
    handler: removeExclusions,
    docs: {
      summary: 'Exclude these no longer',
      body: { schema: removedExclusionsSchema, example: { hosts: ['203.0.113.7', '*.example.com'] } },
      answers: {
        200: {
          description: 'Removed, as far as they were there',
          schema: shape.removedExclusionsSchema,
          example: { removed: ['203.0.113.7'], not_found: ['*.example.com'] },
        },
        ...BODY_ERRORS,
      },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/status',
    auth: 'project',
    handler: projectStatus,
    docs: {
      summary: 'What is out and what runs',
      answers: {
        200: { description: 'Now', schema: shape.statusSchema, example: example.statusExample },
      },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/stop-nmap',
    auth: 'project',
    handler: stopNmap,
    docs: {
      summary: 'Take everything back',
      description: 'Stops all scans of the project: those that run, those that wait, and those not yet sent.',
      answers: {
        200: {
          description: 'Stopped, or nothing was there',
          schema: shape.stopSchema,
          example: { status: 'stopped', revoked: 2 },
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/workers/ips',
    auth: 'user',
    handler: workersIps,
    docs: {
      summary: 'Known workers',
      answers: {
        200: {
          description: 'Workers seen lately',
          schema: shape.workersSchema,
          example: {
            workers: { 'worker-1': { ip: '203.0.113.7', last_updated: 1_793_611_800, last_seen: 0 } },
          },
        },
      },
    },
  },
  {
    method: 'GET',
    path: '/health',
    auth: 'none',
    handler: health,
    docs: {
      summary: 'The process is alive',
      answers: { 200: { description: 'Alive', schema: shape.healthSchema, example: { status: 'ok' } } },
    },
  },
  {
    method: 'GET',
    path: '/ready',
    auth: 'none',
    handler: ready,
    docs: {
      summary: 'The services behind the API answer',
      answers: {
        200: {
          description: 'Everything needed answers',
          schema: shape.readySchema,
          example: { status: 'ok', services: { redis: { status: 'ok', detail: '' } } },
        },
        503: {
          description: 'Something needed is away',
          schema: shape.readySchema,
          example: {
            status: 'away',
            services: { redis: { status: 'away', detail: 'no answer within 2000 ms' } },
          },
        },
      },
    },
  },
];

function errorAnswer(description: string, detail: string) {
  return { description, schema: shape.errorSchema, example: { detail } };
}
