/** What somebody does while scans run: pause, go on, take out, exclude, stop. The worker takes long for each target. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenPage } from '../../support/browser.ts';
import { type ConsoleScene, consoleScene, PROJECT } from '../../support/consoleScene.ts';
import { eventually } from '../../support/services.ts';
import { scan } from '../../support/tasker.ts';

let scene: ConsoleScene;
let browser: OpenPage;
/** Of the scan that is steered. */
let href: string;

beforeAll(async () => {
  scene = await consoleScene(600_000);
  browser = await scene.open();
});

afterAll(async () => {
  await browser?.close();
  await scene?.close();
});

const stateOf = async () => (await scene.tasker.get(href)).body;

it('a scan that somebody else begins is in the list by itself', async () => {
  const { page } = browser;
  await page.getByText('There are no scans yet').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  const answer = await scene.tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(['8.8.4.0/26']));
  href = answer.body.submission.href;
  const row = page.getByRole('list', { name: 'Scans' }).getByRole('listitem');
  await row.getByText('8.8.4.0/26').waitFor();
  expect(await row.textContent()).toContain('0 of 62 targets done');
});

it('a pause names the numbers, and a resume ends it', async () => {
  const { page } = browser;
  await eventually('a worker has a task', async () => {
    return (await scene.tasker.get('/submissions')).body.submissions[0].counts.running > 0;
  });
  await page.getByRole('img', { name: /running/ }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause this scan?' });
  expect(await dialog.textContent()).toMatch(
    /(0 targets wait and \d+ are|\d+ targets? waits? and \d+ (is|are)) ready/,
  );
  await dialog.getByLabel('Why').fill('the firewall is full');
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('the firewall is full').waitFor();
  expect((await stateOf()).state).toBe('paused');

  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('The scan goes on').waitFor();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  expect((await stateOf()).state).not.toBe('paused');
});

it('a priority is changed in the row', async () => {
  const { page } = browser;
  await page.getByLabel('Priority').selectOption('2');
  await page.getByText('Priority 2 (early)').waitFor();
  expect((await stateOf()).priority).toBe(2);
});

it('a network is taken out of the scan, and the receipt says since when nothing touches it', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: /8\.8\.4\.0/ }).click();
  await page.getByRole('button', { name: 'Cancel targets' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Addresses/).fill('8.8.4.0/28');
  await dialog.getByRole('button', { name: 'Cancel these targets' }).click();
  await page.getByText(/^Taken out: /).waitFor();
  await page.getByRole('button', { name: 'Receipt' }).click();
  const receipt = page.getByRole('region', { name: 'Receipt' });
  await receipt.getByText('Nothing of it is out since').waitFor();
  expect(await receipt.textContent()).toContain('8.8.4.0/28');
  expect((await stateOf()).taken_out).toMatchObject([{ how: 'cancelled', entries: ['8.8.4.0/28'] }]);
});

it('the trail of the scan says who did what', async () => {
  const { page } = browser;
  const rows = page.getByRole('region', { name: 'List of what was done' }).locator('tbody tr');
  const done = ['submission paused', 'submission resumed', 'submission changed', 'targets cancelled'];
  await eventually('all of it is there', async () => {
    const texts = (await rows.allTextContents()).join('\n');
    return done.every((words) => texts.includes(words));
  });
});

it('a worker shows what it has in hand', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Workers' }).click();
  const card = page.getByRole('listitem').filter({ hasText: 'worker-1' });
  await card.getByRole('link', { name: /^8\.8\.4\./ }).waitFor();
  expect(await card.textContent()).toContain('answers');
});

it('an exclusion is added with its reason, has a receipt, and ends', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Scope' }).click();
  await page.getByLabel('Project').fill(PROJECT);
  await page.getByText('192.0.2.1', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Exclude' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Addresses/).fill('8.8.4.32/28');
  await dialog.getByLabel('Why').fill('annex B');
  await dialog.getByRole('button', { name: 'Exclude' }).click();
  const row = page.getByRole('row').filter({ hasText: '8.8.4.32/28' });
  await row.getByText('annex B').waitFor();
  await page.getByText('Nothing of it is out since').waitFor();

  await row.getByRole('button', { name: 'End' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await page.getByText('Nothing is excluded for this project alone.').waitFor();
  expect((await scene.tasker.get(`/tasks/${PROJECT}/exclusions`)).body.exclusions).toEqual([]);
});

it('an admin pauses everything, and changes what a project weighs', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Dispatch' }).click();
  await page.getByRole('button', { name: 'Weight' }).click();
  await page.getByRole('dialog').getByLabel('Weight').fill('3');
  await page.getByRole('button', { name: 'Set the weight' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect((await scene.tasker.get(`/tasks/${PROJECT}/dispatch`)).body.weight).toBe(3);

  await page.getByRole('button', { name: 'Pause everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pause everything' }).click();
  await page.getByText('Paused by admin').waitFor();
  await page.getByRole('button', { name: 'Resume everything' }).click();
  await page.getByRole('button', { name: 'Pause everything' }).waitFor();
  expect((await scene.tasker.get('/ready')).body.paused).toBeUndefined();
});

it('a stop of the project names how much it takes back, and does so', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Scans' }).click();
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ value: PROJECT });
  await page.getByRole('button', { name: 'Stop the project' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stop the project?' });
  const { active_or_queued } = (await scene.tasker.get(`/tasks/${PROJECT}/status`)).body;
  await dialog.getByText(`${active_or_queued} targets`).waitFor();
  await dialog.getByRole('button', { name: 'Stop everything' }).click();
  await page.getByText(/^Stopped: \d+ tasks? taken back$/).waitFor();
  await page.getByRole('listitem').getByText('stopped', { exact: true }).waitFor();
});

it('nothing went wrong behind the pages', () => expect(browser.troubles).toEqual([]));
