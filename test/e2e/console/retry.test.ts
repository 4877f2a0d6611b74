/** RabbitMQ refuses a batch: the page says which stage failed and why, and one click goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenPage } from '../../support/browser.ts';
import { type ConsoleScene, consoleScene, PROJECT } from '../../support/consoleScene.ts';
import { makeQueueFull, makeQueueOpen } from '../../support/queuePolicy.ts';
import { scan } from '../../support/tasker.ts';

let scene: ConsoleScene;
let browser: OpenPage;

beforeAll(async () => {
  scene = await consoleScene(50);
  browser = await scene.open();
});

afterAll(async () => {
  await browser?.close();
  await scene?.close();
});

it('a stage that failed says why in full, and is tried again with a click', async () => {
  const { vhost } = scene.installation;
  await makeQueueFull(vhost);
  const { page } = browser;
  const answer = await scene.tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(['8.8.4.0/30']));
  await page.getByText(/^publish failed: .*refused/).waitFor();
  await page.getByRole('link', { name: '8.8.4.0/30' }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('publish failed and waits for a retry').waitFor();
  const { body } = await scene.tasker.get(answer.body.submission.href);
  expect(await alert.textContent()).toContain(body.failure.reason);
  expect(await page.getByRole('link', { name: 'Failed jobs on the board' }).getAttribute('href')).toBe(
    '/board/queue/publish?status=failed',
  );

  await makeQueueOpen(vhost);
  await page.getByRole('button', { name: 'Retry publish' }).click();
  await page.getByText('Tried again: publish').waitFor();
  await page.getByRole('heading', { name: /finished/ }).waitFor();
  expect(browser.troubles).toEqual([]);
});
