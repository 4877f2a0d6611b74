/** Pausing, resuming and cancelling, and how the workers are shared, as callers see it. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { scan } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
let alices: string;
beforeAll(async () => {
  scene = await startWithUsers({ DISPATCH_WINDOW: 'auto' });
  alices = `/tasks/${scene.users.projects.aliceProject}`;
});
afterAll(() => scene?.close());

const as = (name: 'admin' | 'alice' | 'bob', method: string, path: string, body?: unknown) =>
  scene.call(method, path, scene.users.tokens[name], body);
const run = async (hosts: string[]) => {
  const { body } = await as('alice', 'POST', `${alices}/run-nmap`, scan(hosts));
  return `${alices}/submissions/${body.submission.id}`;
};
const stateOf = async (path: string) => (await as('alice', 'GET', path)).body.state;

it('a scan is paused with a reason, says so everywhere, and goes on', async () => {
  const path = await run(['11.2.0.0/28']);
  await eventually(
    'some are ready',
    async () => (await as('admin', 'GET', '/dispatch')).body.window.ready === 4,
  );
  const paused = await as('alice', 'POST', `${path}/pause`, { why: 'a release' });
  expect(paused).toMatchObject({
    status: 200,
    body: { paused: { by: 'alice', why: 'a release' }, ready: 4, running: 0, complete: true },
  });
  expect((await as('alice', 'GET', path)).body).toMatchObject({
    state: 'paused',
    sent: 0,
    paused: expect.stringMatching(/^the submission is paused by alice since .*: a release$/),
    progress: { total: 14, sent: 0, remaining: 14 },
  });
  const listed = (await as('alice', 'GET', `${alices}/submissions?state=paused`)).body.submissions;
  expect(listed).toHaveLength(1);
  expect((await as('alice', 'GET', `${alices}/status`)).body.active_or_queued).toBe(14);
  const { targets } = (await as('alice', 'GET', `${path}/targets`)).body;
  expect(new Set(targets.map(({ state }: { state: string }) => state))).toEqual(new Set(['waiting']));
  const trail = (await as('alice', 'GET', `${alices}/audit`)).body.entries[0];
  expect(trail).toMatchObject({
    event: 'submission.paused',
    after: { running: 'finish', why: 'a release' },
  });

  expect(await as('alice', 'POST', `${path}/resume`)).toMatchObject({
    status: 200,
    body: { status: 'resumed' },
  });
  const ips: string[] = [];
  await eventually('all came', async () => {
    ips.push(...(await takeTasks(scene.installation.vhost)).map(({ task }) => task.ip));
    return ips.length >= 14;
  });
  expect(new Set(ips).size).toBe(14);
  await eventually('it is done', async () => isSent(await stateOf(path)));
});

it('a project and everything are paused, by those who may', async () => {
  expect((await as('bob', 'POST', `${alices}/pause`)).status).toBe(401);
  expect(await as('alice', 'POST', '/dispatch/pause')).toMatchObject({
    status: 403,
    body: { code: 'admins_only' },
  });
  expect((await as('alice', 'POST', `${alices}/pause`)).status).toBe(200);
  const path = await run(['11.3.0.1']);
  expect((await as('alice', 'GET', path)).body).toMatchObject({
    state: 'paused',
    paused: expect.stringMatching(/^the project is paused by alice/),
  });
  expect((await as('admin', 'POST', '/dispatch/pause', { why: 'the firewall is full' })).status).toBe(200);
  const ready = await as('admin', 'GET', '/ready');
  expect(ready.body.paused).toMatchObject({ by: 'admin', why: 'the firewall is full' });
  expect((await as('alice', 'POST', `${alices}/resume`)).status).toBe(200);
  expect((await as('alice', 'GET', path)).body.paused).toMatch(/^the installation is paused by admin/);
  expect((await as('admin', 'POST', '/dispatch/resume')).status).toBe(200);
  await eventually('it is sent', async () => isSent(await stateOf(path)));
  await takeTasks(scene.installation.vhost);
});

it('one scan is cancelled, and what ended cannot be paused or cancelled', async () => {
  const path = await run(['11.4.0.0/24']);
  await eventually(
    'some are ready',
    async () => (await as('admin', 'GET', '/dispatch')).body.window.ready >= 4,
  );
  const { status, body } = await as('alice', 'POST', `${path}/cancel`, { running: 'kill' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 'cancelled', running: 0, complete: true });
  expect(body.ready).toBeGreaterThanOrEqual(4);
  expect(body.waiting + body.ready).toBe(254);
  expect(await takeTasks(scene.installation.vhost)).toEqual([]);
  expect(await stateOf(path)).toBe('stopped');
  for (const what of ['pause', 'resume', 'cancel'])
    expect(await as('alice', 'POST', `${path}/${what}`)).toMatchObject({
      status: 409,
      body: { code: 'submission_ended' },
    });
});

it.each(['pause', 'resume', 'cancel'])('%s of what is unknown or of another project is 404', async (what) => {
  const path = await run(['11.5.0.1']);
  const id = path.split('/').at(-1);
  const unknown = { status: 404, body: { code: 'unknown_submission' } };
  expect(await as('alice', 'POST', `${alices}/submissions/nothing/${what}`)).toMatchObject(unknown);
  const other = `/tasks/${scene.users.projects.projectB}/submissions/${id}/${what}`;
  expect(await as('admin', 'POST', other)).toMatchObject(unknown);
});

it.each([[{ running: 'stop' }], [{ reason: 'x' }], [{ why: 5 }], [[]], [null]])(
  'a pause that says %j is refused',
  async (body) => {
    expect(await as('alice', 'POST', `${alices}/pause`, body)).toMatchObject({ status: 422 });
  },
);

it('admins see how the workers are shared', async () => {
  expect((await as('alice', 'GET', '/dispatch')).status).toBe(403);
  const paths = [await run(['11.6.0.0/24']), await run(['11.7.0.0/24'])];
  const { body } = await eventually('one of them is next', async () => {
    const answer = await as('admin', 'GET', '/dispatch');
    return answer.status === 200 && answer.body.projects[0]?.next !== null && answer;
  });
  expect(body).toMatchObject({ workers: 0, running: 0 });
  expect(body.window.limit).toBeGreaterThanOrEqual(4);
  const [own] = body.projects;
  expect(own).toMatchObject({ weight: 1, running: 0, share: { minute: 0, hour: 0 } });
  expect(own.waiting).toBeGreaterThan(450);
  expect(paths.map((path) => path.split('/').at(-1))).toContain(own.next);
});
