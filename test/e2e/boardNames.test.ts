/** Names that mean harm, on the pages of the board and of the docs, in a real browser. */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { eventually, ownRedisDb, services } from '../support/services.ts';
import { flowsWith, TOKENS, testServer } from '../support/testServer.ts';

const HOSTILE = `x"'><img src=owned onerror="window.owned=1"><script>window.owned=1</script>{{7*7}}<base href="//x">`;
const MARK = 'img[src="owned"], base[href="//x"]';

let server: Awaited<ReturnType<typeof testServer>>;
let browser: OpenPage;
let redis: Redis;
let queue: Queue;
let worker: Worker;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  queue = new Queue('split', { connection: redis });
  worker = new Worker(
    'split',
    async (job) => {
      await job.log(HOSTILE);
      await job.updateProgress({ [HOSTILE]: HOSTILE });
      if (job.data.fails) throw new Error(HOSTILE);
      return { [HOSTILE]: HOSTILE };
    },
    { connection: redis },
  );
  const queues = [{ queue, description: 'cuts sets into batches', flow: true }];
  server = await testServer({ flows: flowsWith({ queues }) });
  browser = await openPage({ httpCredentials: { username: 'operator', password: TOKENS.admin } });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await worker?.close();
  await queue?.close();
  redis?.disconnect();
});

/** The browser knows no names. */
const base = () => server.url.replace('localhost', '127.0.0.1');

/** Nothing of it ran, nothing of it became part of the page, and the policy had nothing to stop. */
async function isHarmless(): Promise<void> {
  const { page, troubles } = browser;
  expect(await page.evaluate('window.owned')).toBeUndefined();
  expect(await page.locator(MARK).count()).toBe(0);
  expect(troubles.filter((trouble) => /Content Security Policy|thrown/.test(trouble))).toEqual([]);
}

describe('jobs with hostile names', () => {
  const open = async (path: string) => {
    await browser.page.goto(`${base()}/board${path}`);
    await browser.page.waitForLoadState('networkidle');
  };

  it('are shown as text', async () => {
    for (const [fails, id] of [
      [true, `failed${HOSTILE.replaceAll(':', '')}`],
      [false, 'done-1'],
    ] as const) {
      const data = { fails, user: { username: HOSTILE }, [HOSTILE]: [HOSTILE] };
      const job = await queue.add(HOSTILE, data, { jobId: id });
      await eventually('it is over', async () => ['failed', 'completed'].includes(await job.getState()));
    }
    await open('/queue/split?status=failed');
    await browser.page.getByText('window.owned=1').first().waitFor();
    await isHarmless();
    for (const path of [
      '/',
      '/queue/split',
      '/queue/split?status=completed',
      '/queue/split/done-1',
      '/job-schedulers',
    ]) {
      await open(path);
      await isHarmless();
    }
    await open(`/queue/split/${encodeURIComponent(`failed${HOSTILE.replaceAll(':', '')}`)}`);
    await browser.page.getByText('window.owned=1').first().waitFor();
    await isHarmless();
  });

  it('are text also in the address of a page', async () => {
    for (const path of [
      `/queue/${encodeURIComponent(HOSTILE)}`,
      `/queue/split?status=${encodeURIComponent(HOSTILE)}`,
    ]) {
      await open(path);
      await isHarmless();
    }
    await open(`/${encodeURIComponent(HOSTILE)}`);
    await isHarmless();
  });
});

it('the docs load no other description, and forget the token', async () => {
  const { page } = browser;
  const elsewhere = encodeURIComponent('http://127.0.0.1:9/evil.json');
  await page.goto(
    `${base()}/docs?url=${elsewhere}&configUrl=${elsewhere}&spec=${encodeURIComponent(HOSTILE)}`,
  );
  await page.getByRole('heading', { name: 'Tasker' }).waitFor();
  await isHarmless();
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.locator('.auth-container input').fill('a-secret-of-the-caller');
  await page.getByRole('button', { name: 'Apply credentials' }).click();
  const kept = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  );
  expect(kept).not.toContain('a-secret-of-the-caller');
});
