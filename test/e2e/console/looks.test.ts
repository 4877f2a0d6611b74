/** Every page in both colours, on a laptop and on a phone: reachable, within its width, loaded from here alone. */
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenPage, openPage } from '../../support/browser.ts';
import { consoleFiles } from '../../support/consoleFiles.ts';
import { type ConsoleScene, consoleScene, PROJECT } from '../../support/consoleScene.ts';
import { eventually } from '../../support/services.ts';
import { scan, TOKEN } from '../../support/tasker.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pictures = `${root}.data/console`;

const SIZES = { laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
const MOST_BYTES = 200 * 1024;

let scene: ConsoleScene;
let id: string;

beforeAll(async () => {
  scene = await consoleScene(600_000, ['9.9.9.9 www.example.com']);
  await scene.tasker.send('POST', `/tasks/${PROJECT}/exclusions`, { hosts: ['8.8.4.8/29'], why: 'annex B' });
  const hosts = ['8.8.4.0/26', 'www.example.com', 'gone.example.com', '10.0.0.5'];
  const answer = await scene.tasker.post(`/tasks/${PROJECT}/run-nmap`, scan(hosts));
  id = answer.body.submission.id;
  await eventually('a worker has a task', async () => {
    return (await scene.tasker.get('/submissions')).body.submissions[0].counts.running > 0;
  });
});

afterAll(async () => await scene?.close());

/** Where each page is, and what is on it when it is there. */
const PAGES: Readonly<Record<string, readonly [hash: () => string, text: string]>> = {
  scans: [() => '#/scans', 'targets done'],
  scan: [() => `#/scans/${PROJECT}/${id}`, 'Explain 8.8.4.1'],
  'new scan': [() => '#/new', 'More options'],
  explain: [() => `#/explain?project=${PROJECT}&target=www.example.com`, 'looked up'],
  scope: [() => `#/scope?project=${PROJECT}`, 'annex B'],
  workers: [() => '#/workers', 'done in the last hour'],
  dispatch: [() => '#/dispatch', 'share of the workers'],
  'a page that is not there': [() => '#/nowhere', 'This page is not there'],
};

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  describe.each(Object.entries(SIZES))('on a %s', (size, viewport) => {
    let browser: OpenPage;
    beforeAll(async () => {
      browser = await scene.open({ viewport, colorScheme });
    });
    afterAll(async () => await browser?.close());

    it.each(Object.entries(PAGES))(
      '%s stays within its width, and axe finds nothing',
      async (name, [hash, text]) => {
        const { page } = browser;
        await page.evaluate(`location.hash = ${JSON.stringify(hash())}`);
        await page
          .locator('main')
          .getByText(text)
          .or(page.getByRole('link', { name: text, exact: true }))
          .first()
          .waitFor();
        await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${size}.png`, fullPage: true });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
        expect(await violations(browser)).toEqual([]);
      },
    );

    it('nothing went wrong, and nothing came from elsewhere', async () => {
      expect(browser.troubles).toEqual([]);
      const loaded = await browser.page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name)",
      );
      expect((loaded as string[]).filter((url) => !url.startsWith(scene.tasker.url))).toEqual([]);
    });
  });
});

/** What axe has to say of the page as it is. */
async function violations({ page }: OpenPage): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return found.violations.map((one) => `${one.impact} ${one.id}: ${one.nodes[0]?.html}`);
}

it('the log-in looks as good, and leads back to the board that asked for it', async () => {
  const browser = await openPage({ viewport: SIZES.phone });
  try {
    const { page } = browser;
    await page.goto(`${scene.tasker.url}/board`);
    await page.getByLabel('Token').waitFor();
    await page.screenshot({ path: `${pictures}/login-light-phone.png` });
    expect(await violations(browser)).toEqual([]);
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${scene.tasker.url}/board`);
    await page.goto(`${scene.tasker.url}/#/login?to=${encodeURIComponent('//elsewhere.test/')}`);
    await page.getByText('targets done').waitFor();
    expect(page.url()).toBe(`${scene.tasker.url}/#/scans`);
  } finally {
    await browser.close();
  }
});

it('every action of a row is reached with the keyboard, and the way past the menu is the first', async () => {
  const browser = await scene.open();
  try {
    const { page } = browser;
    await page.getByText('targets done').waitFor();
    const reached: string[] = [];
    for (let step = 0; step < 25; step += 1) {
      await page.keyboard.press('Tab');
      reached.push(
        (await page.evaluate('document.activeElement.innerText || document.activeElement.tagName')) as string,
      );
    }
    expect(reached[0]).toContain('Skip to the page');
    for (const name of ['Explain', 'New scan', 'Pause', 'Cancel']) expect(reached).toContain(name);
  } finally {
    await browser.close();
  }
});

it('all that a browser loads has less than 200 KB in gzip', () => {
  const { count, bytes } = consoleFiles();
  expect(count).toBeGreaterThanOrEqual(4);
  expect(bytes).toBeLessThan(MOST_BYTES);
});
