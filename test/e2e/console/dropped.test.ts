/** A file that somebody drops on New scan, as a browser takes it from a desktop. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenPage } from '../../support/browser.ts';
import { type ConsoleScene, consoleScene } from '../../support/consoleScene.ts';
import { eventually } from '../../support/services.ts';

let scene: ConsoleScene;
let browser: OpenPage;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-dropped-'));
  scene = await consoleScene(50);
  browser = await scene.open();
  await browser.page.evaluate("location.hash = '#/new'");
});

afterAll(async () => {
  await browser?.close();
  await scene?.close();
  if (directory) rmSync(directory, { recursive: true });
});

/** Drags a file over the middle of what is there, and lets go. */
async function drop(selector: string, file: string): Promise<void> {
  const { page } = browser;
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not in sight`);
  const session = await page.context().newCDPSession(page);
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...place, data });
  await page.locator('.editor.over').waitFor();
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...place, data });
  await session.detach();
}

it.each([
  ['on the list', '.editor-text'],
  ['on its numbers', '.gutter'],
  ['beside it', 'h1'],
])('%s it fills in the list, and the page stays', async (where, selector) => {
  const { page } = browser;
  const file = join(directory, 'targets.txt');
  const text = `# ${where}\n8.8.8.0/28\r\nmünchen.example.com\n`;
  writeFileSync(file, text);
  const list = page.getByLabel(/^Addresses, networks/);
  await list.waitFor();
  await drop(selector, file);
  await eventually('the list is that of the file', async () => {
    return (await list.inputValue()) === text.replace('\r\n', '\n');
  });
  expect(await page.locator('.editor.over').count()).toBe(0);
  expect(page.url()).toBe(`${scene.tasker.url}/#/new`);
});

it('nothing went wrong behind the page', () => expect(browser.troubles).toEqual([]));
