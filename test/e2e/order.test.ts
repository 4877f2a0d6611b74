/** Who goes first: priorities, and who may set what. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scan } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
let alices: string;
beforeAll(async () => {
  scene = await startWithUsers({ DISPATCH_WINDOW: '1' });
  alices = `/tasks/${scene.users.projects.aliceProject}`;
});
afterAll(() => scene?.close());

const as = (name: 'admin' | 'alice' | 'bob', method: string, path: string, body?: unknown) =>
  scene.call(method, path, scene.users.tokens[name], body);
const run = async (name: 'admin' | 'alice', hosts: string[], more: object = {}) =>
  as(name, 'POST', `${alices}/run-nmap`, { ...scan(hosts), ...more });

it('the window keeps what is sent after it in line, by its priority', async () => {
  // Fills the window: nobody takes anything.
  expect((await run('alice', ['11.2.0.0/22'])).status).toBe(200);
  const { body } = await run('alice', ['11.3.0.0/24'], { priority: 4 });
  const path = `${alices}/submissions/${body.submission.id}`;
  expect((await as('alice', 'GET', path)).body).toMatchObject({ priority: 4, options: { priority: 4 } });

  const changed = await as('alice', 'PATCH', path, { priority: 2 });
  expect(changed).toMatchObject({ status: 200, body: { id: body.submission.id, priority: 2 } });
  expect((await as('alice', 'GET', path)).body.priority).toBe(2);
  const trail = (await as('alice', 'GET', `${alices}/audit`)).body.entries[0];
  expect(trail).toMatchObject({
    event: 'submission.changed',
    on: { submission: body.submission.id },
    before: { priority: 4 },
    after: { priority: 2 },
  });
});

it('priority 1 is for admins, in a request, in a plan and in a change', async () => {
  const refused = { status: 403, body: { code: 'admins_only' } };
  expect(await run('alice', ['11.4.0.1'], { priority: 1 })).toMatchObject(refused);
  const plan = { ...scan(['11.4.0.1']), priority: 1 };
  expect(await as('alice', 'POST', `${alices}/plan`, plan)).toMatchObject(refused);
  const { body } = await run('admin', ['11.4.0.1'], { priority: 1 });
  const path = `${alices}/submissions/${body.submission.id}`;
  expect((await as('alice', 'GET', path)).body.priority).toBe(1);
  expect(await as('alice', 'PATCH', path, { priority: 1 })).toMatchObject(refused);
});

it.each([
  [{ priority: 0 }],
  [{ priority: 6 }],
  [{ priority: '2' }],
  [{ priority: 2.5 }],
  [{ prio: 2 }],
  [[]],
  [null],
])('a change that says %j is refused', async (change) => {
  const { body } = await run('alice', ['11.5.0.1']);
  const answer = await as('alice', 'PATCH', `${alices}/submissions/${body.submission.id}`, change);
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
});

it('what is unknown, of another project or ended is not changed', async () => {
  const { body } = await run('alice', ['11.6.0.1']);
  const id = body.submission.id;
  const unknown = { status: 404, body: { code: 'unknown_submission' } };
  const change = { priority: 2 };
  expect(await as('alice', 'PATCH', `${alices}/submissions/nothing`, change)).toMatchObject(unknown);
  const other = `/tasks/${scene.users.projects.projectB}/submissions/${id}`;
  expect(await as('admin', 'PATCH', other, change)).toMatchObject(unknown);
  expect((await as('bob', 'PATCH', `${alices}/submissions/${id}`, change)).status).toBe(401);
  expect((await as('alice', 'GET', `${alices}/stop-nmap`)).status).toBe(200);
  const ended = await as('alice', 'PATCH', `${alices}/submissions/${id}`, change);
  expect(ended).toMatchObject({
    status: 409,
    body: { code: 'submission_ended', detail: expect.stringMatching(/stopped/) },
  });
});

it('admins set the weight of a project, its members see it', async () => {
  expect((await as('alice', 'GET', `${alices}/dispatch`)).body).toEqual({
    weight: 1,
    max_running: null,
    per_network: null,
  });
  const set = (name: 'admin' | 'alice', weight: unknown) => as(name, 'PUT', `${alices}/dispatch`, { weight });
  expect(await set('alice', 2)).toMatchObject({ status: 403, body: { code: 'admins_only' } });
  expect(await set('admin', 2.5)).toMatchObject({ status: 200, body: { weight: 2.5 } });
  expect((await as('alice', 'GET', `${alices}/dispatch`)).body).toMatchObject({ weight: 2.5 });
  for (const weight of [0, -1, 101, '2', null]) expect((await set('admin', weight)).status).toBe(422);
  const [entry] = (await as('alice', 'GET', `${alices}/audit`)).body.entries;
  expect(entry).toMatchObject({ event: 'dispatch.changed', before: { weight: 1 }, after: { weight: 2.5 } });
});
