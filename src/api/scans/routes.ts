import type { Route } from '../http/route.ts';
import { runRequestSchema } from '../intake/scanRequestSchema.ts';
import * as shape from '../openapi/answerSchemas.ts';
import { SCAN_BODY_ERRORS, SCAN_QUOTA_ERRORS } from '../openapi/errorResponses.ts';
import * as example from '../openapi/examples.ts';
import { runNmap } from './runNmap.ts';

export const SCAN_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/tasks/{project_id}/run-nmap',
    auth: 'project',
    handler: runNmap,
    isPlanned: true,
    docs: {
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
        ...SCAN_BODY_ERRORS,
        ...SCAN_QUOTA_ERRORS,
        409: {
          description: 'Somebody stopped the scan meanwhile',
          schema: shape.submissionErrorSchema,
          example: example.stoppedExample,
        },
        422: {
          description: 'Not valid, every fault is listed; or the scope rules refuse it',
          schema: shape.scanRefusedSchema,
          example: example.invalidExample,
        },
        503: {
          description:
            'Something is away, a stage gave up and waits for a retry, or MAX_PLANNING requests are being planned',
          schema: shape.submissionErrorSchema,
          example: example.failedExample,
        },
      },
    },
  },
];
