/** Who did what, from where and to what stands in the trail, and only before those whom it concerns. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIT_KEY } from '../../src/adapters/redis/keys.ts';
import { eventually } from '../support/services.ts';
import { scan, TOKEN } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
beforeAll(async () => {
  scene = await startWithUsers({ DISPATCH_WINDOW: '1' });
});
afterAll(() => scene?.close());

interface Entry {
  id: string;
  event: string;
  user: { username: string } | null;
  project: string | null;
}
const as = (name: 'admin' | 'alice', method: string, path: string, body?: unknown) =>
  scene.call(method, path, scene.users.tokens[name], body);
const mine = (more: string) => `/tasks/${scene.users.projects.aliceProject}/${more}`;
const theirs = (more: string) => `/tasks/${scene.users.projects.project}/${more}`;

it('every change is there, with who, from where, on what, before and after', async () => {
  const submitted = await as('alice', 'POST', mine('run-nmap'), scan(['11.0.0.0/20']));
  const planned = await as('alice', 'POST', mine('plan'), scan(['11.0.1.1']));
  const ran = await as('alice', 'POST', mine('run-nmap'), { plan: planned.body.plan.id });
  await as('alice', 'POST', mine('exclusions'), { hosts: ['11.0.2.1'], why: 'printer' });
  await as('alice', 'DELETE', mine('exclusions'), { hosts: ['11.0.2.1'] });
  await as('admin', 'PUT', mine('exclusions'), { hosts: ['11.0.3.1'], why: 'by contract' });
  expect((await as('alice', 'PUT', mine('exclusions'), { hosts: [], why: 'x' })).status).toBe(403);
  await as('alice', 'GET', mine('stop-nmap'));
  await as('admin', 'POST', theirs('run-nmap'), scan(['11.0.9.9']));

  const { status, body } = await as('alice', 'GET', mine('audit'));
  expect(status).toBe(200);
  const { aliceProject } = scene.users.projects;
  const alice = { id: scene.users.ids.alice, username: 'alice', admin: false };
  const always = {
    project: aliceProject,
    from: expect.stringContaining('127.0.0.1'),
    request: expect.any(String),
  };
  expect(body.next).toBeNull();
  expect(body.entries).toMatchObject([
    {
      ...always,
      event: 'project.stopped',
      user: alice,
      outcome: expect.stringContaining(submitted.body.submission.id),
    },
    {
      ...always,
      event: 'exclusions.refused',
      user: alice,
      on: { total: 1, listed: [{ entry: '11.0.3.1' }] },
    },
    {
      ...always,
      event: 'exclusions.replaced',
      user: { username: 'admin', admin: true },
      before: { total: 0 },
      after: { total: 1, listed: [{ entry: '11.0.3.1', why: 'by contract', by: 'admin' }] },
    },
    { ...always, event: 'exclusions.removed', before: { total: 1, listed: [{ entry: '11.0.2.1' }] } },
    {
      ...always,
      event: 'exclusions.added',
      after: { total: 1, listed: [{ entry: '11.0.2.1', why: 'printer' }] },
    },
    { ...always, event: 'plan.run', on: { plan: planned.body.plan.id }, outcome: 'begun' },
    { ...always, event: 'plan.asked', outcome: planned.body.plan.id },
    {
      ...always,
      event: 'submission.begun',
      on: { entries: ['11.0.0.0/20'] },
      outcome: submitted.body.submission.id,
    },
  ]);
  expect(ran.status).toBe(200);
  expect(JSON.stringify(body)).not.toContain('11.0.9.9');
  expect((await as('alice', 'GET', theirs('audit'))).status).toBe(401);
  const { tokens } = scene.users;
  const kept = JSON.stringify(await scene.installation.redis.xrange(AUDIT_KEY, '-', '+'));
  expect(Object.values(tokens).filter((token) => kept.includes(token))).toEqual([]);
});

it('the trail of the installation is for admins', async () => {
  expect((await as('alice', 'GET', '/audit')).status).toBe(403);
  const { status, body } = await as('admin', 'GET', '/audit');
  expect(status).toBe(200);
  const projects = new Set(body.entries.map(({ project }: Entry) => project));
  expect(projects).toContain(scene.users.projects.project);
  expect(projects).toContain(scene.users.projects.aliceProject);
});

it('the trail is read page by page and filtered, newest first', async () => {
  const all: Entry[] = (await as('alice', 'GET', mine('audit'))).body.entries;
  const paged: Entry[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await as('alice', 'GET', mine(`audit?limit=3${cursor}`));
    paged.push(...body.entries);
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(paged).toEqual(all);
  expect(paged.map(({ id }) => id)).toEqual(
    paged
      .map(({ id }) => id)
      .toSorted()
      .reverse(),
  );
  const of = async (query: string) =>
    (await as('alice', 'GET', mine(`audit?${query}`))).body.entries as Entry[];
  expect(await of('event=plan.run')).toEqual(all.filter(({ event }) => event === 'plan.run'));
  expect(await of('user=admin')).toEqual(all.filter(({ user }) => user?.username === 'admin'));
  expect(await of(`user=${scene.users.ids.alice}`)).toEqual(
    all.filter(({ user }) => user?.username === 'alice'),
  );
  expect(await of('since=2099-01-01T00:00:00Z')).toEqual([]);
  expect(await of('since=2020-01-01T00:00:00Z')).toEqual(all);
  for (const query of ['cursor=x', 'event=nothing', 'limit=0', 'since=yesterday'])
    expect((await as('alice', 'GET', mine(`audit?${query}`))).status).toBe(422);
});

it('what was done on the board is there, also what was refused', async () => {
  const basic = Buffer.from(`admin:${scene.users.tokens.admin}`).toString('base64');
  const put = (path: string) =>
    fetch(`${scene.tasker.url}/board/api/queues/${path}`, {
      method: 'PUT',
      headers: { authorization: `Basic ${basic}` },
    });
  await put('dedup/pause');
  await put('dedup/resume');
  await put('dedup/clean/failed');
  const entries = (await as('admin', 'GET', '/audit?limit=3')).body.entries;
  expect(entries).toMatchObject([
    { event: 'board.refused', user: { username: 'admin' }, on: { queue: 'dedup' } },
    { event: 'board.action', on: { action: 'resume', queue: 'dedup' } },
    { event: 'board.action', on: { action: 'pause', queue: 'dedup' } },
  ]);
});

it('refused log-ins are counted together, and written when the process ends', async () => {
  for (let i = 0; i < 5; i++) await scene.call('GET', '/workers/ips', 'wrong-token-of-nobody');
  await scene.tasker.stop();
  const { redis } = scene.installation;
  const entries = await eventually('written', async () => {
    const rows = await redis.xrevrange(AUDIT_KEY, '+', '-', 'COUNT', 1);
    const text = rows[0]?.[1][1] ?? '{}';
    return text.includes('login.refused') && JSON.parse(text);
  });
  expect(entries).toMatchObject({ event: 'login.refused', user: null, project: null });
  expect(entries.on.total).toBeGreaterThanOrEqual(5);
  expect(JSON.stringify(entries)).not.toContain(TOKEN);
});
