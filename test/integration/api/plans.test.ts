import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SubmissionQuery } from '../../../src/queries/submissionList.ts';
import { call, type TestServer } from '../../support/client.ts';
import {
  bearer,
  flowsWith,
  OTHER_PROJECT,
  PLANNED,
  PROJECT,
  TOKENS,
  testServer,
} from '../../support/testServer.ts';

const PLAN = '0198a7c4-4d1c-4c0e-9a53-6a1f6f0c2b11';
const asked: SubmissionQuery[] = [];
const deleted: [project: string, id: string][] = [];
let server: TestServer;

beforeAll(async () => {
  const flows = flowsWith({
    plans: async (_project, query) => {
      asked.push(query);
      const progress = { ...PLANNED, id: PLAN, kind: 'plan' as const };
      return {
        plans: [
          { progress, expiresAt: '2026-11-03T09:30:00.000Z' },
          { progress: { ...progress, state: 'planning' }, expiresAt: undefined },
        ],
        next: { id: PLAN, atMs: 17 },
      };
    },
    progress: async (id) => (id === PLAN ? { ...PLANNED, id, kind: 'plan' } : undefined),
    deletePlan: async (project, id) => deleted.push([project, id]) === 1,
    submit: async () => ({ id: PLAN, joined: false }),
    untilPlanned: async () => ({ ...PLANNED, id: PLAN, kind: 'plan', state: 'stopped' }),
  });
  server = await testServer({ flows });
});
afterAll(() => server.close());

const request = (path: string, method: 'GET' | 'DELETE' = 'GET') =>
  call(`${server.url}/tasks/${path}`, { method, headers: bearer(TOKENS.alice) });

it('plans are listed with what is known of each, and cursors are handed back as they are', async () => {
  const { status, body } = await request(`${PROJECT}/plans`);
  expect(status).toBe(200);
  const common = { id: PLAN, href: `/tasks/${PROJECT}/plan/${PLAN}`, user: PLANNED.user };
  expect(body.plans).toEqual([
    { ...common, state: 'done', created_at: PLANNED.createdAt, expires_at: '2026-11-03T09:30:00.000Z' },
    { ...common, state: 'planning', created_at: PLANNED.createdAt, expires_at: null },
  ]);
  await request(`${PROJECT}/plans?limit=7&cursor=${body.next}`);
  expect(asked).toEqual([{ limit: 50 }, { limit: 7, after: { id: PLAN, atMs: 17 } }]);
  expect((await request(`${PROJECT}/plans?limit=0`)).status).toBe(422);
});

it('a plan is deleted once, in its own project only', async () => {
  expect((await request(`${PROJECT}/plan/${PLAN}`, 'DELETE')).body).toEqual({ deleted: PLAN });
  expect((await request(`${PROJECT}/plan/${PLAN}`, 'DELETE')).status).toBe(404);
  expect((await request(`${PROJECT}/plan/%2a`, 'DELETE')).status).toBe(404);
  const foreign = await request(`${OTHER_PROJECT}/plan/${PLAN}`, 'DELETE');
  expect(foreign.status).toBe(401);
  expect(deleted).toEqual([
    [PROJECT, PLAN],
    [PROJECT, PLAN],
  ]);
});

it('whoever waits for a plan that somebody ends is told so', async () => {
  const { status, body } = await call(`${server.url}/tasks/${PROJECT}/plan`, {
    method: 'POST',
    headers: { ...bearer(TOKENS.alice), 'content-type': 'application/json' },
    body: JSON.stringify({
      hosts: ['8.8.8.8'],
      open_ports_opts: { ports: ['80'] },
      service_opts: {},
      timeout: 60,
      include_services: false,
      mode: 'append',
    }),
  });
  expect({ status, body }).toEqual({
    status: 409,
    body: { detail: 'Somebody stopped or deleted the plan before it was made', code: 'plan_stopped' },
  });
});
