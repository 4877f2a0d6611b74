import type { Route } from '../http/route.ts';
import { runRequestSchema } from '../intake/scanRequestSchema.ts';
import * as example from '../openapi/examples.ts';
import { runNmap } from './runNmap.ts';
import * as shape from './schemas.ts';

export const SCAN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/run-nmap',
    auth: 'project',
    handler: runNmap,
    isPlanned: true,
    docs: {
      operationId: 'runNmap',
      tag: 'Scans',
      summary: 'Submit targets',
      description:
        'Answers when the submission is planned. The same request, sent again by the same user while the first one is being planned, joins it. An unknown field is ignored and named in `warnings`; one that could have been meant to narrow the scan (`excludes`, `protocol` at the top) is refused. The body may also be just `{"plan": "<id>"}`: that scans exactly what the plan came to, refuses when the scope rules have changed since, and sent again it answers for the same submission.',
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
      },
      errors: ['scan_stopped', 'unknown_plan', 'scope_changed'],
      errorBodies: {
        409: { schema: shape.submissionErrorSchema, example: example.stoppedExample },
        422: { schema: shape.scanRefusedSchema, example: example.invalidExample },
        503: { schema: shape.submissionErrorSchema, example: example.failedExample },
      },
    },
  },
];
