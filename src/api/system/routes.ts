import type { Route } from '../http/route.ts';
import { frontPage, frontPageExample } from './frontPage.ts';
import { health, ready, workersIps } from './handlers.ts';
import * as shape from './schemas.ts';

export const SYSTEM_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    auth: 'none',
    handler: frontPage,
    docs: {
      operationId: 'getFrontPage',
      tag: 'System',
      summary: 'What this is, and where the rest is',
      description: 'A page for browsers; JSON with `Accept: application/json`.',
      answers: {
        200: { description: 'Links', schema: shape.frontPageSchema, ...frontPageExample },
      },
    },
  },
  {
    method: 'GET',
    path: '/workers/ips',
    auth: 'user',
    handler: workersIps,
    docs: {
      operationId: 'listWorkers',
      tag: 'Workers',
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
      operationId: 'getHealth',
      tag: 'System',
      summary: 'The process is alive',
      answers: { 200: { description: 'Alive', schema: shape.healthSchema, example: { status: 'ok' } } },
    },
  },
  {
    method: 'GET',
    path: '/ready',
    auth: 'anybody',
    handler: ready,
    docs: {
      operationId: 'getReadiness',
      tag: 'System',
      summary: 'The services behind the API answer',
      description:
        'One look at them is shared by everybody who asks within a second. Why a service is away, and what a warning means, is told to admins only; for all others `detail` and `message` are empty.',
      answers: {
        200: {
          description: 'Everything needed answers',
          schema: shape.readySchema,
          example: {
            status: 'ok',
            services: { redis: { status: 'ok', detail: '' } },
            paused_queues: [],
            warnings: [],
          },
        },
      },
      errors: ['not_ready'],
      errorBodies: {
        503: {
          schema: shape.notReadySchema,
          example: {
            detail: 'Not ready',
            code: 'not_ready',
            status: 'away',
            services: { redis: { status: 'away', detail: 'no answer within 2000 ms' } },
            paused_queues: [],
            warnings: [],
          },
        },
      },
    },
  },
];
