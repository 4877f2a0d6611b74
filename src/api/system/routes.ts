import type { Route } from '../http/route.ts';
import { documented } from '../openapi/answerSchemas.ts';
import { frontPage, frontPageExample } from './frontPage.ts';
import { health, ready, workersIps } from './handlers.ts';
import * as shape from './schemas.ts';

const READY = {
  status: 'ok',
  paused_queues: [],
  paused: { since: '2026-11-02T09:30:00.000Z', by: 'alice', why: 'the firewall is full' },
  warnings: [],
};

export const SYSTEM_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    untraced: true,
    auth: 'none',
    handler: frontPage,
    operationId: 'getFrontPage',
    tag: 'System',
    summary: 'What this is, and where the rest is',
    description: 'A page for browsers; JSON with `Accept: application/json`.',
    answer: { description: 'Links', schema: shape.frontPageSchema, ...frontPageExample },
  },
  {
    method: 'GET',
    path: '/workers/ips',
    auth: 'user',
    handler: workersIps,
    operationId: 'listWorkers',
    tag: 'Workers',
    summary: 'Known workers',
    answer: documented('Workers seen lately', shape.workersSchema, {
      workers: { 'worker-1': { ip: '203.0.113.7', last_updated: 1_793_611_800, last_seen: 0 } },
    }),
  },
  {
    method: 'GET',
    path: '/health',
    untraced: true,
    auth: 'none',
    handler: health,
    operationId: 'getHealth',
    tag: 'System',
    summary: 'The process is alive',
    answer: documented('Alive', shape.healthSchema, { status: 'ok' }),
  },
  {
    method: 'GET',
    path: '/ready',
    untraced: true,
    auth: 'anybody',
    handler: ready,
    operationId: 'getReadiness',
    tag: 'System',
    summary: 'The services behind the API answer',
    description:
      'One look at them is shared by everybody who asks within a second. Why a service is away, and what a warning means, is told to admins only; for all others `detail` and `message` are empty, and `by` and `why` of a pause too.',
    answer: documented('Everything needed answers', shape.readySchema, {
      ...READY,
      services: { redis: { status: 'ok', detail: '' } },
    }),
    errors: ['not_ready'],
    errorBodies: {
      503: {
        schema: shape.notReadySchema,
        example: {
          ...{ detail: 'Not ready', code: 'not_ready', ...READY, status: 'away' },
          services: { redis: { status: 'away', detail: 'no answer within 2000 ms' } },
        },
      },
    },
  },
];
