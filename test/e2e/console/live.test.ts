/** The stream of events breaks: the page says so, comes back, and shows what happened meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenPage } from '../../support/browser.ts';
import { type ConsoleScene, consoleScene, PROJECT } from '../../support/consoleScene.ts';
import { type EventReader, readEvents } from '../../support/eventReader.ts';
import { type PausableProxy, pausableProxy } from '../../support/pausableProxy.ts';
import { eventually } from '../../support/services.ts';
import { scan, type Tasker, TOKEN } from '../../support/tasker.ts';

let scene: ConsoleScene;
let proxy: PausableProxy;
/** Where the proxy leads. */
const target = { host: '127.0.0.1', port: 0 };
let browser: OpenPage;
let other: EventReader | undefined;
let path: string;
/** From where on the browser wanted to have the events, whenever it came back. */
const lastIds: string[] = [];

const leadTo = ({ url }: Tasker) => {
  target.port = Number(new URL(url).port);
};

beforeAll(async () => {
  scene = await consoleScene(250);
  leadTo(scene.tasker);
  proxy = await pausableProxy(target, (data) => {
    const [, id] = /^GET \/events [\s\S]*^last-event-id: (\S+)/im.exec(data.toString()) ?? [];
    if (id) lastIds.push(id);
  });
  path = await submit(scene.tasker);
  browser = await scene.open({}, `http://127.0.0.1:${proxy.port}`);
  // Only the stream tells the page to load anew: what is out of sight does not ask by itself.
  await browser.page.evaluate("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })");
});

afterAll(async () => {
  other?.close();
  await browser?.close();
  await proxy?.close();
  await scene?.close();
});

async function submit(tasker: Tasker): Promise<string> {
  const { body } = await tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(['8.8.4.0/22']));
  return body.submission.href;
}

const newest = () => scene.taskers.at(-1) ?? scene.tasker;
const shown = (text: string) => browser.page.getByText(text, { exact: true }).first().waitFor();
const scanIs = (state: string) =>
  browser.page.getByRole('list', { name: 'Scans' }).getByText(state, { exact: true }).waitFor();

it('what happened while a broken stream was away is told when it goes on', async () => {
  // As long as somebody reads, the events are kept for those who come back.
  other = await readEvents(`${scene.tasker.url}/events`, { authorization: `Bearer ${TOKEN}` });
  await shown('live');
  await scanIs('running');
  const done = browser.page.getByText(/ done$/).first();
  const before = await done.textContent();
  await eventually('an event came', async () => (await done.textContent()) !== before);
  proxy.refuse();
  await shown('reconnecting');
  await scene.tasker.post(`${path}/pause`, {});
  await other.until('submission', ({ state }) => state === 'paused');
  lastIds.length = 0;
  proxy.resume();
  await shown('live');
  expect(lastIds).toEqual([expect.stringMatching(/^[0-9a-f]{12}-\d+$/)]);
  await scanIs('paused');
});

// Nothing moves from here on, so that no later event makes up for what was missed.
it('a process that is killed and started again knows nothing of the stream: all is loaded anew', async () => {
  other?.close();
  const again = await scene.another();
  await scene.tasker.kill();
  await shown('reconnecting');
  await again.post(`${path}/cancel`, {});
  leadTo(again);
  await shown('live');
  await scanIs('stopped');
});

it('so it is after one that ends in order, and says so', async () => {
  const before = newest();
  const again = await scene.another();
  await before.stop();
  await shown('reconnecting');
  await again.post(`/tasks/${PROJECT}/pause`, {});
  path = await submit(again);
  leadTo(again);
  await shown('live');
  await scanIs('paused');
});

it('where no stream gets through the page asks by itself', async () => {
  const last = newest();
  const polling = await scene.open({}, last.url);
  try {
    const { page } = polling;
    await page.route('**/events', (route) => route.abort());
    await page.reload();
    await page.getByText('reconnecting', { exact: true }).waitFor();
    const scans = page.getByRole('list', { name: 'Scans' });
    await scans.getByText('paused', { exact: true }).waitFor();
    await last.post(`/tasks/${PROJECT}/resume`, {});
    await scans.getByText('running', { exact: true }).waitFor();
  } finally {
    await polling.close();
  }
});

it('the curve of a scan has what was before the page was opened', async () => {
  const last = newest();
  const history = await eventually('there are some points', async () => {
    const { body } = await last.get(`${path}/history`);
    return body.at.length >= 3 && body.done.at(-1) > 0 && body;
  });
  const late = await scene.open({ viewport: { width: 1280, height: 1_600 } }, last.url);
  try {
    const { page } = late;
    await page.goto(`${last.url}/#/scans${path.replace(/^\/tasks/, '').replace('/submissions', '')}`);
    const plot = page.locator('.curves .u-over').first();
    await plot.waitFor();
    const legend = page.locator('.curves .u-legend').first();
    const remaining = new Set<string>();
    const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {};
    for (let x = 1; x < width; x += 4) {
      await plot.hover({ position: { x, y: height / 2 } });
      remaining.add((await legend.textContent()) ?? '');
    }
    // The first task, each point that was noted, and now.
    expect(remaining.size).toBeGreaterThanOrEqual(history.at.length + 2);
  } finally {
    await late.close();
  }
});
