import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, type Request } from '../../support/client.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { bearer, flowsWith, TOKENS, testServer } from '../../support/testServer.ts';

let server: Awaited<ReturnType<typeof testServer>>;
let redis: Redis;
let queue: Queue;
let worker: Worker;
let mayPass = false;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  queue = new Queue('split', { connection: redis });
  worker = new Worker(
    'split',
    async () => {
      if (!mayPass) throw new Error('not yet');
    },
    { connection: redis },
  );
  const queues = [{ queue, description: 'cuts sets into batches', flow: true }];
  server = await testServer({ flows: flowsWith({ queues }) });
});
afterAll(async () => {
  await server.close();
  await worker.close();
  await queue.close();
  redis.disconnect();
});

const basic = (token: string) => ({ authorization: `Basic ${btoa(`anybody:${token}`)}` });
const board = (path: string, init: Request = {}) =>
  call(`${server.url}/board${path}`, { headers: basic(TOKENS.admin), ...init });

it('asks who calls', async () => {
  for (const headers of [{}, basic('wrong'), bearer('wrong'), basic(TOKENS.carol)]) {
    const answer = await board('/', { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="Tasker"');
  }
  expect((await board('/', { headers: basic(TOKENS.alice) })).status).toBe(403);
});

it('shows the queues to admins, by Basic and by Bearer', async () => {
  for (const headers of [basic(TOKENS.admin), bearer(TOKENS.admin)]) {
    const answer = await board('/api/queues', { headers });
    expect(answer.body).toMatchObject({
      queues: [{ name: 'split', description: 'cuts sets into batches' }],
    });
  }
});

it.each(['', '/', '/queue/split'])('has a page whose files are there: %j', async (path) => {
  const page = await board(path);
  expect(page.status).toBe(200);
  const [, base = ''] = /<base href="([^"]+)"/.exec(page.text) ?? [];
  const links = [...page.text.matchAll(/(?:src|href)="(static[^"]+)"/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) {
    const file = await board(new URL(link, `${server.url}${base}`).pathname.replace(/^\/board/, ''));
    expect([link, file.status]).toEqual([link, 200]);
  }
});

it('retries a failed job once, not a completed one, and writes down who did it', async () => {
  const job = await queue.add('split', {}, { jobId: 'abc-split' });
  const state = (wanted: string) => eventually(wanted, async () => (await job.getState()) === wanted);
  await state('failed');
  mayPass = true;
  expect((await board('/api/queues/split/abc-split/retry', { method: 'PUT' })).status).toBe(204);
  await state('completed');

  const again = await board('/api/queues/split/abc-split/retry', { method: 'PUT' });
  expect(again.status).toBe(403);
  expect(again.text).toContain('only a failed job');
  const written = server.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'board action');
  expect(written).toMatchObject([
    { user: 'admin', queue: 'split', job: 'abc-split', action: 'retry', status: 204 },
  ]);
});

it('retries nothing that has not failed', async () => {
  await queue.add('split', {}, { jobId: 'later', delay: 3_600_000 });
  const answer = await board('/api/queues/split/later/retry', { method: 'PUT' });
  expect(answer).toMatchObject({ status: 403, body: { detail: 'only a failed job can be retried' } });
  expect((await board('/api/queues/split/nobody/retry', { method: 'PUT' })).status).toBe(404);
});

it('pauses and resumes', async () => {
  expect((await board('/api/queues/split/pause', { method: 'PUT' })).status).toBe(200);
  expect(await queue.isPaused()).toBe(true);
  expect((await board('/api/queues/split/resume', { method: 'PUT' })).status).toBe(200);
  expect(await queue.isPaused()).toBe(false);
});

it.each([
  ['PUT', '/api/queues/split/empty'],
  ['PUT', '/api/queues/split/obliterate'],
  ['PUT', '/api/queues/split/clean/completed'],
  ['PUT', '/api/queues/split/clean/retry'],
  ['PUT', '/api/queues/split/CLEAN/retry'],
  ['PUT', '/api/queues/split/keep-me/clean'],
  ['PUT', '/api/queues/split/keep-me/remove-unprocessed-children'],
  ['POST', '/api/queues/split/add'],
] as const)('removes and adds nothing: %s %s', async (method, path) => {
  await queue.add('split', {}, { jobId: 'keep-me', delay: 3_600_000 });
  const counted = await queue.count();
  const answer = await board(path, { method });
  expect(answer.status).toBe(403);
  expect(answer.text).toContain('stop-nmap');
  expect(await queue.count()).toBe(counted);
  expect(await queue.getJob('keep-me')).toBeDefined();
});

it('does nothing for another site', async () => {
  for (const headers of [{ origin: 'https://evil.test' }, { 'sec-fetch-site': 'cross-site' }]) {
    const init: Request = { method: 'PUT', headers: { ...basic(TOKENS.admin), ...headers } };
    expect((await board('/api/queues/split/pause', init)).status).toBe(403);
  }
  expect(await queue.isPaused()).toBe(false);
});
