/** An operator heals a flow on the board: real browser, real RabbitMQ that refuses, real retry. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { isSent } from '../support/progress.ts';
import { makeQueueFull, makeQueueOpen } from '../support/queuePolicy.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

const PROJECT = 'a3c7a2de-3a52-4f0c-9e0a-5b1d2b6f7c01';
const AUTHORIZATION = `Basic ${btoa(`operator:${TOKEN}`)}`;

const DESTRUCTIVE = [
  ['PUT', 'clean/failed'],
  ['PUT', 'obliterate'],
  ['PUT', 'empty'],
  ['PUT', '{job}/clean'],
  ['PUT', '{job}/promote'],
  ['PUT', '{job}/remove-unprocessed-children'],
  ['PATCH', '{job}/update-data'],
];

let installation: Installation;
let tasker: Tasker;
let browser: OpenPage;
/** Of the submission whose only batch RabbitMQ refused. */
let href: string;
let id: string;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker(installation.env);
  browser = await openPage({ extraHTTPHeaders: { authorization: AUTHORIZATION } });
});

afterAll(async () => {
  await browser?.close();
  await tasker?.stop();
  await installation?.drop();
});

const board = (path: string, init: RequestInit = {}) =>
  fetch(`${tasker.url}/board${path}`, { headers: { authorization: AUTHORIZATION }, ...init });

it('the board asks for a password', async () => {
  for (const path of ['/', '/api/queues', '/queue/publish']) {
    const answer = await fetch(`${tasker.url}/board${path}`);
    expect([path, answer.status]).toEqual([path, 401]);
  }
});

it('the board shows a batch that RabbitMQ refused as failed', async () => {
  await makeQueueFull(installation.vhost);
  const answer = await tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(['8.8.4.0/25']));
  expect(answer.status).toBe(200);
  ({ id, href } = answer.body.submission);
  const progress = await eventually('the submission failed', async () => {
    const { body } = await tasker.get(href);
    return body.state === 'failed' && body;
  });
  expect(progress).toMatchObject({ total: 126, sent: 0, failure: { stage: 'publish' } });
  // The batch goes out in parts; the first that fails says why.
  expect(progress.failure.reason).toContain('refused 125 of 125 messages');

  const { page } = browser;
  await page.goto(`${tasker.url}/board`);
  await page
    .getByRole('link', { name: /^publish/ })
    .first()
    .click();
  await page.getByRole('link', { name: /^failed/i }).click();
  await page.getByText(`${id}-publish-0`).waitFor();
});

it('the board says what a job is about, and leads to its scan', async () => {
  const { page } = browser;
  await page.getByText('publish 1–126 of 126 · 8.8.4.0/25 · project a3c7…').first().waitFor();
  const link = page.locator(`a[href="/#/scans/${PROJECT}/${id}"]`);
  await link.first().waitFor();
  expect(await link.first().textContent()).toBe('Scan');
  const root = await (await board(`/api/queues/submission/${id}-submission`)).json();
  expect(root).toMatchObject({ job: { name: 'submission · 8.8.4.0/25 · project a3c7…' } });
  const chores = await (await board('/api/queues?activeQueue=housekeeping&jobsPerPage=10')).text();
  expect(chores).toContain('"name":"ping"');
});

it('the board does not show buttons of what it refuses', async () => {
  const { page } = browser;
  const shown = page.locator('[class*="jobActions-"] li:visible, [class*="queueActions-"] li:visible');
  expect(await shown.count()).toBe(2);
  expect(await shown.locator('.lucide-refresh-cw').count()).toBe(2);
  await page.locator('[class*="trigger-"]:has(.lucide-ellipsis-vertical)').first().click();
  const items = page.locator('[role="menuitem"]:visible');
  await items.first().waitFor();
  expect(await items.allTextContents()).toEqual([expect.stringMatching(/^Retry/), 'Pause']);
  await page.keyboard.press('Escape');
  await items.first().waitFor({ state: 'hidden' });
});

it.each(DESTRUCTIVE)('the board does not destroy what a flow needs: %s %s', async (method, action) => {
  const path = `/api/queues/publish/${action.replace('{job}', `${id}-publish-0`)}`;
  expect((await board(path, { method })).status).toBe(403);
  expect((await tasker.get(href)).body.state).toBe('failed');
});

it('one click on Retry completes the flow', async () => {
  await makeQueueOpen(installation.vhost);
  const { page } = browser;
  const job = `${id}-publish-0`;
  const retry = page.locator('button:has(.lucide-refresh-cw)').filter({ hasNotText: 'Retry all' });
  await retry.hover();
  await page.getByText('Retry', { exact: true }).waitFor();
  await retry.click();
  await page.getByRole('button', { name: 'Confirm' }).click();

  const progress = await eventually('the submission is done', async () => {
    const { body } = await tasker.get(href);
    return isSent(body.state) && body;
  });
  expect(progress).toMatchObject({ total: 126, sent: 126 });
  const root = await (await board(`/api/queues/submission/${id}-submission`)).json();
  expect(root).toMatchObject({ status: 'completed' });
  await page.getByRole('link', { name: /^completed/i }).click();
  await page.getByText(job).waitFor();

  const addresses = (await takeTasks(installation.vhost)).map(({ task }) => task.ip);
  const expected = Array.from({ length: 126 }, (_, index) => `8.8.4.${index + 1}`);
  expect(addresses.toSorted()).toEqual(expected.toSorted());
});

it('the log has what the operator did, and what was refused', () => {
  const actions = tasker.logs.filter(({ msg }) => msg === 'board action');
  const job = `${id}-publish-0`;
  expect(actions).toMatchObject([{ user: 'admin', queue: 'publish', job, action: 'retry', status: 204 }]);
  const refused = tasker.logs.filter(({ msg }) => msg === 'board action refused');
  expect(refused.map(({ status }) => status)).toEqual(DESTRUCTIVE.map(() => 403));
});

it('the board gives the browser nothing to complain about', async () => {
  expect(browser.troubles).toEqual([]);
  // The policy is there, and what it stops would have been seen.
  await browser.page.evaluate("fetch('http://elsewhere.test/').catch(() => {})");
  await eventually('a complaint', () =>
    browser.troubles.some((trouble) => trouble.includes('Content Security Policy')),
  );
});
