import type { Route } from '../http/route.ts';
import * as example from '../openapi/examples.ts';
import { projectStatus, stopNmap } from '../system/handlers.ts';
import * as shape from './schemas.ts';

export const PROJECT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/tasks/{project_id}/status',
    auth: 'project',
    handler: projectStatus,
    docs: {
      operationId: 'getProjectStatus',
      tag: 'Scans',
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
    evenDeleted: true,
    handler: stopNmap,
    docs: {
      operationId: 'stopProject',
      tag: 'Scans',
      summary: 'Take everything back',
      description:
        'Stops all scans of the project: those that run, those that wait, and those not yet sent. Admins may stop also what is left of a project that was deleted.',
      answers: {
        200: {
          description: 'Stopped, or nothing was there',
          schema: shape.stopSchema,
          example: { status: 'stopped', revoked: 2 },
        },
      },
      errors: ['busy', 'rabbitmq_away'],
    },
  },
];
