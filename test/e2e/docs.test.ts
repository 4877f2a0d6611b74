/** "Try it out" on the documentation page, in a real browser. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../support/tasker.ts';

const PROJECT = '0b0f5c0e-5f0f-4d3c-8a53-3c3c8d4fd902';

let installation: Installation;
let dns: DnsServer;
let tasker: Tasker;
let browser: OpenPage;

beforeAll(async () => {
  installation = await ownInstallation();
  dns = await startDnsServer({ zone: ['93.184.215.14 www.example.com'] });
  tasker = await startTasker({ ...installation.env, DNS_SERVERS: `${dns.address}:${dns.port}` });
  browser = await openPage();
});

afterAll(async () => {
  await browser?.close();
  await tasker?.stop();
  await dns?.stop();
  await installation?.drop();
});

it.each(['/docs', '/docs/'])('there is a page at %s', async (path) => {
  const { page } = browser;
  await page.goto(tasker.url + path);
  await page.getByRole('heading', { name: 'Tasker' }).waitFor();
});

it('the page runs the example with the token of the caller', async () => {
  const { page } = browser;
  await page.goto(`${tasker.url}/docs`);
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.locator('.auth-container input').fill(TOKEN);
  await page.getByRole('button', { name: 'Apply credentials' }).click();
  await page.getByRole('button', { name: 'Close' }).click();

  const operation = page.locator('.opblock', { hasText: '/run-nmap' });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByPlaceholder('project_id').fill(PROJECT);
  await operation.getByRole('button', { name: 'Execute' }).click();

  const answer = operation.locator('.live-responses-table .response');
  await answer.waitFor();
  expect(await answer.locator('.response-col_status').textContent()).toContain('200');
  const body = JSON.parse((await answer.locator('.highlight-code code').first().textContent()) ?? '');
  const refused = { private_ip: 1, unresolvable: 1, other: 1 };
  expect(body.summary).toMatchObject({ provided: 6, sent_to_scan: 3, refused });
  const tasks = await eventually('the tasks are queued', async () => {
    const { body: now } = await tasker.get(body.submission.href);
    return isSent(now.state) && takeTasks(installation.vhost);
  });
  expect(tasks.map(({ task }) => task.ip).toSorted()).toEqual(['8.8.8.1', '8.8.8.2', '93.184.215.14']);
});

it('the page gives the browser nothing to complain about', () => expect(browser.troubles).toEqual([]));
