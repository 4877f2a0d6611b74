import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROUTES } from '../../../src/api/routes.ts';
import { call, type Request, scan } from '../../support/client.ts';
import { ownRedisDb, services } from '../../support/services.ts';
import { bearer, flowsWith, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let server: Awaited<ReturnType<typeof testServer>>;
let redis: Redis;
let queue: Queue;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  queue = new Queue('split', { connection: redis });
  const queues = [{ queue, description: 'cuts sets into batches', flow: true }];
  server = await testServer({ flows: flowsWith({ queues }) });
});
afterAll(async () => {
  await server.close();
  await queue.close();
  redis.disconnect();
});

/** That of events has no end: its headers are looked at where it is read. */
const finite = ROUTES.filter(({ path }) => path !== '/events');
const paths = finite.map(({ method, path }) => {
  return [method, path.replace('{project_id}', PROJECT).replaceAll(/\{\w+\}/g, 'x')] as const;
});
const others = [
  '/nothing',
  '/docs',
  '/docs/swagger-ui.css',
  '/openapi.json',
  '/board',
  '/board/api/queues',
  '/%zz',
];
const board = [
  '/board/static/nothing.js',
  '/board/queue/split',
  '/board/api/queues/split/nobody',
  '/board/nothing',
];

it.each([...paths, ...[...others, ...board].map((path) => ['GET', path] as const)])(
  '%s %s is not stored, and says nothing of what it is made with',
  async (method, path) => {
    for (const token of [TOKENS.admin, TOKENS.alice, 'wrong']) {
      const request: Request = {
        method,
        headers: bearer(token),
        ...(method === 'GET' ? {} : { body: '{}' }),
      };
      const { headers } = await call(server.url + path, request);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers.server).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('SAMEORIGIN');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['content-security-policy']).toMatch(/default-src 'self'.*object-src 'none'/);
      expect(headers['x-request-id']).toBeDefined();
    }
  },
);

it('an answer to those who are turned away at once is not stored either', async () => {
  const untilPlanned = () => new Promise<never>(() => {});
  const full = await testServer({ config: { maxPlanning: 1 }, flows: flowsWith({ untilPlanned }) });
  const first = scan(full);
  const answers = await Promise.all(
    [scan(full), scan(full), scan(full)].map((asked) => Promise.race([asked, first])),
  );
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  for (const { headers } of answers) expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  await full.close();
  await first.catch(() => {});
});
