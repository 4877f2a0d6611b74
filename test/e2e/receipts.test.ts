/** Exclusions, and what is struck out of scans, as callers see it: what each answer counts, and the receipt. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSent } from '../support/progress.ts';
import { eventually } from '../support/services.ts';
import { scan } from '../support/tasker.ts';
import { startWithUsers, type TwoProjects } from '../support/twoProjects.ts';

let scene: TwoProjects;
let alices: string;
let others: string;
let directory: string;
let file: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'excluded-'));
  file = join(directory, 'list');
  writeFileSync(file, '# no exclusions\n');
  scene = await startWithUsers({ DISPATCH_WINDOW: '4', EXCLUDED_HOSTS_FILE: file });
  alices = `/tasks/${scene.users.projects.aliceProject}`;
  others = `/tasks/${scene.users.projects.project}`;
});
afterAll(async () => {
  await scene?.close();
  rmSync(directory, { recursive: true, force: true });
});

const as = (name: 'admin' | 'alice' | 'bob', method: string, path: string, body?: unknown) =>
  scene.call(method, path, scene.users.tokens[name], body);
const ready = async () => (await as('admin', 'GET', '/dispatch')).body.window.ready;
const run = async (hosts: string[]) => {
  const { body } = await as('alice', 'POST', `${alices}/run-nmap`, scan(hosts));
  await eventually('four are ready', async () => (await ready()) === 4);
  return `${alices}/submissions/${body.submission.id}`;
};

it('an exclusion is applied at once, and its receipt tells since when nothing is out', async () => {
  const path = await run(['11.4.0.0/28']);
  const added = await as('alice', 'POST', `${alices}/exclusions`, { hosts: ['11.4.0.0/24'], why: 'annex B' });
  expect(added).toMatchObject({
    status: 200,
    body: { version: 1, receipt: { waiting: 10, ready: 4, running: 0, complete: true } },
  });
  const { id, href } = added.body.receipt;
  expect(added.body.exclusions).toMatchObject([{ entry: '11.4.0.0/24', id }]);
  expect(await as('alice', 'GET', href)).toMatchObject({
    status: 200,
    body: {
      ...{
        id,
        holds: true,
        by: 'alice',
        when_running: 'kill',
        exclusions: { total: 1, listed: ['11.4.0.0/24'] },
      },
      ...{ waiting: 0, ready: 0, running: 0, running_targets: [], since: expect.any(String), last: null },
    },
  });
  const foreign = href.replace(alices, others);
  expect(await as('admin', 'GET', foreign)).toMatchObject({ status: 404, body: { code: 'unknown_receipt' } });
  expect((await as('bob', 'GET', href)).status).toBe(401);
  await eventually('it is done', async () => isSent((await as('alice', 'GET', path)).body.state));
  const emptied = await as('alice', 'PUT', `${alices}/exclusions`, { hosts: [] });
  expect(emptied.status).toBe(200);
  expect(emptied.body).not.toHaveProperty('receipt');
  expect((await as('alice', 'GET', href)).body).toMatchObject({ holds: false, since: expect.any(String) });
});

it('what runs may be left to finish', async () => {
  const body = { hosts: ['11.5.0.0/24'], why: 'annex B', running: 'finish' };
  const { body: added } = await as('alice', 'POST', `${alices}/exclusions`, body);
  expect(added.exclusions.at(-1)).toMatchObject({ entry: '11.5.0.0/24', running: 'finish' });
  expect((await as('alice', 'GET', added.receipt.href)).body.when_running).toBe('finish');
  expect(await as('alice', 'POST', `${alices}/exclusions`, { ...body, running: 'later' })).toMatchObject({
    status: 422,
  });
  await as('alice', 'PUT', `${alices}/exclusions`, { hosts: [] });
});

it('a scan excludes more, with who and when, and another project does not know it', async () => {
  const path = await run(['11.6.0.0/28']);
  const body = { exclude: ['11.6.0.0/29'], running: 'finish' };
  const changed = await as('alice', 'PATCH', path, { ...body, priority: 2 });
  expect(changed).toMatchObject({
    status: 200,
    body: {
      priority: 2,
      taken_out: [{ how: 'excluded', by: 'alice', entries: ['11.6.0.0/29'] }],
      receipt: { running: 0, complete: true },
    },
  });
  const { waiting, ready: out, href } = changed.body.receipt;
  expect(waiting + out).toBe(7);
  expect((await as('alice', 'GET', href)).body).toMatchObject({
    since: expect.any(String),
    when_running: 'finish',
  });
  const trail = (await as('alice', 'GET', `${alices}/audit?event=submission.excluded`)).body.entries;
  expect(trail).toMatchObject([
    { after: { entries: { total: 1, listed: ['11.6.0.0/29'] }, running: 'finish' } },
  ]);
  expect(await as('admin', 'PATCH', path.replace(alices, others), body)).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_submission' } },
  });
  for (const wrong of [{}, { running: 'kill' }, { exclude: [] }, { exclude: 'x' }, { priority: 2, more: 1 }])
    expect(await as('alice', 'PATCH', path, wrong)).toMatchObject({ status: 422 });
  expect(await as('alice', 'PATCH', path, { exclude: ['11.6.0.0,24', '11.6.0.300'] })).toMatchObject({
    ...{ status: 422, body: { code: 'invalid_entry', detail: [{ loc: ['body', 'exclude', 0] }, {}] } },
  });
  expect(await as('alice', 'PATCH', path, { exclude: ['gone.invalid'], priority: 4 })).toMatchObject({
    ...{ status: 422, body: { code: 'scope_refused' } },
  });
  expect((await as('alice', 'GET', path)).body.priority).toBe(2);
});

it("the installation's list is applied when it changes, with a receipt of its own", async () => {
  await as('alice', 'GET', `${alices}/stop-nmap`);
  const href = `${alices}/exclusions/installation/receipt`;
  expect(await as('alice', 'GET', href)).toMatchObject({ status: 404, body: { code: 'unknown_receipt' } });
  await run(['11.9.0.0/28']);
  writeFileSync(file, '11.9.0.0/24\n');
  const receipt = await eventually('nothing of it is out', async () => {
    const { body } = await as('alice', 'GET', href);
    return body.since ? body : undefined;
  });
  expect(receipt).toMatchObject({
    ...{ id: 'installation', by: 'installation', holds: true, ready: 0, running: 0 },
    exclusions: { total: 1, listed: [] },
  });
  expect((await as('admin', 'GET', href)).body.exclusions).toEqual({ total: 1, listed: ['11.9.0.0/24'] });
  expect(await ready()).toBe(0);
});

it('targets are cancelled, counted and explained; what matches nothing is named', async () => {
  await as('alice', 'GET', `${alices}/stop-nmap`);
  const path = await run(['11.7.0.0/28']);
  const submission = path.split('/').at(-1);
  const cancelled = await as('alice', 'POST', `${alices}/cancel-targets`, {
    hosts: ['11.7.0.1-11.7.0.4 11.7.0.9', '12.7.0.1'],
    submission,
  });
  expect(cancelled).toMatchObject({
    status: 200,
    body: {
      status: 'cancelled',
      submissions: 1,
      running: 0,
      done: 0,
      unmatched: ['12.7.0.1'],
      complete: true,
    },
  });
  expect(cancelled.body.waiting + cancelled.body.ready).toBe(5);
  expect((await as('alice', 'GET', cancelled.body.href)).body.since).toEqual(expect.any(String));
  const { submissions } = (await as('alice', 'GET', `${alices}/explain?target=11.7.0.9`)).body;
  expect(submissions[0].addresses[0].refusal.detail).toMatchObject({
    ...{ rule: 'cancelled', source: expect.stringMatching(/^alice, 20/), entry: '11.7.0.9' },
  });
  const [entry] = (await as('alice', 'GET', `${alices}/audit?event=targets.cancelled`)).body.entries;
  expect(entry).toMatchObject({ on: { submission }, user: { username: 'alice' } });
  expect(await as('alice', 'POST', `${alices}/cancel-targets`, { hosts: ['13.0.0.1'] })).toMatchObject({
    status: 200,
    body: { waiting: 0, ready: 0, running: 0, done: 0, unmatched: ['13.0.0.1'], id: null, href: null },
  });
  const theirs = { hosts: ['11.7.0.9'], submission };
  expect(await as('admin', 'POST', `${others}/cancel-targets`, theirs)).toMatchObject({
    ...{ status: 404, body: { code: 'unknown_submission' } },
  });
  expect(await as('alice', 'POST', `${alices}/cancel-targets`, { hosts: ['1.2.3'] })).toMatchObject({
    ...{ status: 422, body: { code: 'invalid_entry' } },
  });
});
