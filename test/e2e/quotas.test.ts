/** A project that has as much as may be is told so, and others are not. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submissionKeys } from '../../src/adapters/redis/keys.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({
    ...installation.env,
    DISPATCH_WINDOW: '1',
    MAX_OPEN_SUBMISSIONS: '2',
    MAX_PLANS: '3',
    MAX_STORED_MB: '1',
    MAX_EXCLUSIONS: '2',
  });
});
afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

/** Too many addresses to be sent at once where the window is 1. */
const network = (second: number) => scan([`11.${second}.0.0/19`]);

it('open scans: 429 that says what to do, until a stop makes room; status and stop are answered meanwhile', async () => {
  const project = `/tasks/${randomUUID()}`;
  for (const third of [1, 2])
    expect((await tasker.post(`${project}/run-nmap`, network(third))).status).toBe(200);
  const refused = await tasker.post(`${project}/run-nmap`, network(3));
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(refused.body.detail).toMatch(
    /^the project has 2 open scans and plans, and 2 is the limit \(MAX_OPEN_SUBMISSIONS\)/,
  );
  expect((await tasker.post(`/tasks/${randomUUID()}/run-nmap`, network(3))).status).toBe(200);
  expect((await tasker.get(`${project}/status`)).status).toBe(200);
  expect((await tasker.get(`${project}/stop-nmap`)).body.status).toBe('stopped');
  expect((await tasker.post(`${project}/run-nmap`, network(3))).status).toBe(200);
});

it('plans: those that are kept count, not those that are open', async () => {
  const project = `/tasks/${randomUUID()}`;
  for (const third of [1, 2, 3]) {
    const plan = await tasker.post(`${project}/plan`, network(third));
    expect(plan.status).toBe(200);
    // The root of its flow ends it a moment after the answer.
    const key = submissionKeys(plan.body.plan.id).facts;
    await eventually('it has ended', async () => (await installation.redis.hget(key, 'state')) === 'done');
  }
  const refused = await tasker.post(`${project}/plan`, network(4));
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBeNull();
  expect(refused.body.detail).toContain('MAX_PLANS');
});

it('stored: one request that takes too much is refused before it is planned', async () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `host-${index}.invalid`);
  const refused = await tasker.post(`/tasks/${randomUUID()}/plan`, scan(names));
  expect(refused.status).toBe(429);
  expect(refused.body.detail).toMatch(/1\.0 MB is the limit \(MAX_STORED_MB\)/);
});

it('exclusions: none is stored of those that are too many', async () => {
  const path = `/tasks/${randomUUID()}/exclusions`;
  const put = async (hosts: string[]) => {
    const response = await fetch(tasker.url + path, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ hosts, why: 'out of scope' }),
    });
    return { status: response.status, body: await response.json() };
  };
  expect((await put(['11.0.0.1', '11.0.0.2'])).status).toBe(200);
  const refused = await put(['11.0.0.1', '11.0.0.2', '11.0.0.3']);
  expect(refused).toMatchObject({ status: 429, body: { detail: expect.stringContaining('MAX_EXCLUSIONS') } });
  expect((await tasker.get(path)).body.exclusions).toHaveLength(2);
});
