import type { Route } from '../http/route.ts';
import { runRequestSchema } from '../intake/scanRequestSchema.ts';
import { documented } from '../openapi/answerSchemas.ts';
import * as example from '../openapi/examples.ts';
import { projectStatus, stopNmap } from '../system/handlers.ts';
import { runNmap } from './runNmap.ts';
import * as shape from './schemas.ts';

export const SCAN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/run-nmap',
    auth: 'project',
    handler: runNmap,
    isPlanned: true,
    operationId: 'runNmap',
    tag: 'Scans',
    summary: 'Submit targets',
    description:
      'Answers when the submission is planned. The same request, sent again by the same user while the first one is being planned, joins it. An unknown field is ignored and named in `warnings`; one that could have been meant to narrow the scan (`excludes`, `protocol` at the top) is refused. The body may also be just `{"plan": "<id>"}`: that scans exactly what the plan came to, refuses when the scope rules have changed since, and sent again it answers for the same submission.',
    body: { schema: runRequestSchema, example: example.scanRequestExample },
    answer: documented(
      'Planned; the tasks are being sent',
      shape.scanAnswerSchema,
      example.scanAnswerExample,
    ),
    accepted: documented(
      'Accepted and still being planned: the numbers so far',
      shape.scanAnswerSchema,
      example.planningExample,
    ),
    errors: ['scan_stopped', 'unknown_plan', 'scope_changed'],
    errorBodies: {
      409: { schema: shape.submissionErrorSchema, example: example.stoppedExample },
      422: { schema: shape.scanRefusedSchema, example: example.invalidExample },
      503: { schema: shape.submissionErrorSchema, example: example.failedExample },
    },
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/status',
    auth: 'project',
    handler: projectStatus,
    operationId: 'getProjectStatus',
    tag: 'Scans',
    summary: 'What is out and what runs',
    answer: documented('Now', shape.statusSchema, example.statusExample),
  },
  {
    method: 'GET',
    path: '/tasks/{project_id}/stop-nmap',
    auth: 'project',
    evenDeleted: true,
    acts: true,
    handler: stopNmap,
    operationId: 'stopProject',
    tag: 'Scans',
    summary: 'Take everything back',
    description:
      'Stops all scans of the project: those that run, those that wait, and those not yet sent. Admins may stop also what is left of a project that was deleted.',
    answer: documented('Stopped, or nothing was there', shape.stopSchema, { status: 'stopped', revoked: 2 }),
    errors: ['busy', 'rabbitmq_away'],
  },
];
