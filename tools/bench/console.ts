import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext } from 'playwright-core';
import { openPage } from '../../test/support/browser.ts';
import { consoleFiles } from '../../test/support/consoleFiles.ts';
import { ownInstallation, scan, startTasker, type Tasker } from '../../test/support/tasker.ts';
import { type Figure, median } from './figures.ts';

const LOADS = 15;
const SCANS = 20;
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** The list of scans in Chromium on this machine, logged in, each time with a profile that has nothing of it yet. */
export async function consolePages(): Promise<Figure[]> {
  const installation = await ownInstallation();
  const tasker = await startTasker(installation.env);
  const { page, close } = await openPage();
  try {
    for (let nth = 1; nth <= SCANS; nth++)
      await tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan([`8.8.${nth}.0/28`]));
    const { body } = await tasker.post('/session/links', {});
    await page.goto(`${tasker.url}/#login=${body.code}`);
    await page.getByRole('list', { name: 'Scans' }).waitFor();
    const session = await page.context().storageState();
    const browser = page.context().browser();
    if (!browser) throw new Error('the browser is gone');
    const paints: number[] = [];
    for (let load = 0; load < LOADS; load++) paints.push(await firstPaint(tasker, browser, session));
    return [paintOf(paints), size()];
  } finally {
    await close();
    await tasker.stop();
    await installation.drop();
  }
}

async function firstPaint({ url }: Tasker, browser: Browser, storageState: Session): Promise<number> {
  const context = await browser.newContext({ storageState });
  try {
    const page = await context.newPage();
    await page.goto(`${url}/#/scans`);
    const ms = (await page.evaluate(FIRST_PAINT)) as number;
    await page.getByRole('list', { name: 'Scans' }).waitFor();
    return ms;
  } finally {
    await context.close();
  }
}

function paintOf(paints: readonly number[]): Figure {
  const [least, most] = [Math.min(...paints), Math.max(...paints)];
  return {
    what: 'first paint of the console, Chromium on the same machine',
    detail: `median of ${LOADS} loads without a cache, ${least.toFixed(0)} to ${most.toFixed(0)} ms`,
    value: median(paints),
    limit: { atMost: 1_000 },
    unit: 'ms',
  };
}

function size(): Figure {
  const { count, bytes } = consoleFiles();
  return {
    what: 'what a browser loads of the console, in gzip',
    detail: `${count} files`,
    value: bytes / 1_024,
    limit: { atMost: 200 },
    unit: 'KB',
  };
}
