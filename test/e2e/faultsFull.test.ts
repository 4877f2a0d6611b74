/** Redis at its `maxmemory`: what keeps something from being scanned works all the same. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../tools/services/redis.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { drain, sharedBroker, submitNetwork, untilUnderWay } from '../support/flowChecks.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let directory: string;
let installation: Installation;
let server: RedisServer;
let redis: Redis;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-full-'));
  installation = await ownInstallation();
  server = await startRedis({ directory });
  redis = new Redis({ host: server.host, port: server.port, db: 3 });
  dns = await startDnsServer({ zone: [], behaviours: { '*': { latencyMs: 60_000 } } });
  tasker = await startTasker({
    ...installation.env,
    REDIS_PORT: String(server.port),
    REDIS_DB: '3',
    DISPATCH_WINDOW: '500',
    DNS_SERVERS: `${dns.address}:${dns.port}`,
  });
});
afterEach(() => redis.config('SET', 'maxmemory', '0'));
afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  redis?.disconnect();
  await server?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

it('a scan is stopped, an address excluded, and a queue paused', async () => {
  const broker = sharedBroker(installation.vhost);
  const flow = await submitNetwork(tasker, 1, 20);
  await untilUnderWay(tasker, flow);
  await redis.config('SET', 'maxmemory', '1');
  const project = `/tasks/${flow.project}`;
  expect((await tasker.post(`${project}/run-nmap`, scan(['11.5.0.1']))).status).toBe(503);

  const excluded = await tasker.send('POST', `${project}/exclusions`, {
    hosts: ['11.1.0.7'],
    why: 'fragile',
  });
  expect(excluded.body).toMatchObject({ exclusions: [{ entry: '11.1.0.7' }] });
  expect([200, 202], 'a part that was on its way when Redis got full is not noted as sent').toContain(
    excluded.status,
  );
  const paused = await tasker.send('PUT', '/board/api/queues/publish/pause', {});
  expect(paused.status).toBe(200);

  const stopped = await tasker.get(`${project}/stop-nmap`);
  expect(stopped).toMatchObject({ status: 200, body: { status: 'stopped' } });
  expect(stopped.body.revoked).toBeGreaterThan(0);
  expect((await tasker.get(`${project}/status`)).body.active_or_queued).toBe(0);
  expect(await drain(broker)).toEqual([]);
  expect((await tasker.send('DELETE', `${project}/exclusions`, { hosts: ['11.1.0.7'] })).status).toBe(200);
}, 60_000);

it('a scan that is still being planned is stopped', async () => {
  const project = `/tasks/${randomUUID()}`;
  const answer = tasker.post(`${project}/run-nmap`, scan(['slow.test']));
  await eventually('its name is asked for', () => dns.queries.has('slow.test'));
  await redis.config('SET', 'maxmemory', '1');
  const stopped = await tasker.get(`${project}/stop-nmap`);
  expect(stopped).toMatchObject({ status: 200, body: { status: 'stopped', revoked: 1 } });
  expect((await answer).status).toBe(409);
  expect((await tasker.get(`${project}/status`)).body.active_or_queued).toBe(0);
}, 60_000);

it('/ready warns before, and is not ok when writes are refused', async () => {
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
  await redis.config('SET', 'maxmemory', String(Math.ceil(1.2 * used)));
  await eventually('it warns', async () => {
    const { status, body } = await tasker.get('/ready');
    return status === 200 && body.status === 'ok' && body.warnings[0]?.code === 'redis_nearly_full';
  });
  await redis.config('SET', 'maxmemory', '1');
  const full = await eventually('it is not ok', async () => {
    const answer = await tasker.get('/ready');
    return answer.status === 503 && answer.body;
  });
  expect(full).toMatchObject({ status: 'away', services: { redis: { status: 'away' } } });
  expect(full.services.redis.detail).toMatch(/OOM/);
  await redis.config('SET', 'maxmemory', '0');
  await eventually('it is ok', async () => {
    const { status, body } = await tasker.get('/ready');
    return status === 200 && body.warnings.length === 0;
  });
});
