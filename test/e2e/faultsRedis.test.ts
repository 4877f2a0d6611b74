/** Redis that is killed in the middle of a flow and comes back with its data. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FLOW } from '../../src/flows/tree.ts';
import { LANES } from '../../src/targets/order/batches.ts';
import { type RedisServer, startRedis } from '../../tools/services/redis.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import {
  drain,
  drainUntilDone,
  expectNothingLost,
  sharedBroker,
  submitNetwork,
  untilUnderWay,
} from '../support/flowChecks.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';

let directory: string;
let installation: Installation;
let server: RedisServer;
let redis: Redis;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-faults-'));
  installation = await ownInstallation();
  server = await startRedis({ directory, appendonly: true });
  redis = new Redis({ host: server.host, port: server.port, db: 3 });
  redis.on('error', () => {}); // it is killed on purpose
  // By default Redis may lose the last second in a crash; what it has acknowledged must be there to be looked for.
  await redis.config('SET', 'appendfsync', 'always');
  dns = await startDnsServer({ zone: ['11.4.1.1 slow.test'], behaviours: { '*': { latencyMs: 1_500 } } });
  tasker = await startTasker({
    ...installation.env,
    REDIS_PORT: String(server.port),
    REDIS_DB: '3',
    DISPATCH_WINDOW: '0',
    DNS_SERVERS: `${dns.address}:${dns.port}`,
  });
});

afterAll(async () => {
  await tasker?.stop();
  await dns?.stop();
  redis?.disconnect();
  await server?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

/** Fails when the answer takes longer than the 2 s that are promised. */
async function promptly(method: string, path: string, body?: unknown, timeoutMs = 2_000) {
  const response = await fetch(tasker.url + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = (await response.json()) as { detail?: string; services?: { redis: { status: string } } };
  return { detail: answer.detail, services: answer.services, status: response.status };
}

it('killed in the middle of a flow: 503 while it is away; then everything goes on, and nothing is lost', async () => {
  const broker = sharedBroker(installation.vhost);
  const flow = await submitNetwork(tasker, 1, 18);
  await untilUnderWay(tasker, flow);
  await server.kill();
  const before = await drain(broker);
  expect(before.length).toBeLessThan(flow.ips.length);

  const project = randomUUID();
  const answers = [
    await promptly('POST', `/tasks/${project}/run-nmap`, scan(['11.2.0.0/28'])),
    await promptly('GET', `/tasks/${flow.project}/status`),
    await promptly('GET', `/tasks/${flow.project}/stop-nmap`),
    await promptly('GET', flow.href),
    await promptly('GET', '/workers/ips'),
  ];
  for (const { status, detail } of answers) {
    expect(status).toBe(503);
    expect(detail).toMatch(/redis does not answer/);
  }
  expect((await promptly('GET', '/health')).status).toBe(200);
  expect((await promptly('GET', '/ready')).services?.redis.status).toBe('away');

  await server.restart();
  await eventually('the API works again', async () => (await tasker.get('/ready')).status === 200);
  const tasks = [...before, ...(await drainUntilDone(tasker, flow, broker))];
  await expectNothingLost({ tasker, redis }, flow, tasks, LANES);

  const later = await submitNetwork(tasker, 2, 28);
  await expectNothingLost({ tasker, redis }, later, await drainUntilDone(tasker, later, broker), 0);
}, 180_000);

it('full for longer than any number of tries: 503 meanwhile; then everything goes on, and nothing is lost', async () => {
  const broker = sharedBroker(installation.vhost);
  const flow = await submitNetwork(tasker, 4, 18);
  await untilUnderWay(tasker, flow);
  const names = tasker.post(`/tasks/${randomUUID()}/run-nmap`, scan(['slow.test']));
  await eventually('its name is asked for', () => dns.queries.has('slow.test'));
  await redis.config('SET', 'maxmemory', '1');
  // What is published and cannot be noted holds the publish jobs meanwhile; they are not refused.
  const refused = () =>
    tasker.logs.filter(({ stage, msg }) => stage === 'resolve' && String(msg).startsWith('redis refuses'));
  await eventually(
    'a job is refused more often than it may fail',
    () => refused().length > FLOW.resolve.attempts,
    60_000,
  );
  const { status, detail } = await promptly('POST', `/tasks/${randomUUID()}/run-nmap`, scan(['11.5.0.1']));
  expect({ status, detail }).toEqual({ status: 503, detail: expect.stringContaining('OOM') });
  const { body } = await tasker.get(`/tasks/${flow.project}/submissions`);
  expect(body.submissions).toMatchObject([{ id: flow.id, state: 'dispatching' }]);

  await redis.config('SET', 'maxmemory', '0');
  expect((await names).body.summary?.sent_to_scan).toBe(1);
  await expectNothingLost({ tasker, redis }, flow, await drainUntilDone(tasker, flow, broker), LANES);
}, 180_000);

it('silent instead of gone: 503 all the same, and everything works when it speaks again', async () => {
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  const path = `/tasks/${randomUUID()}/run-nmap`;
  process.kill(pid, 'SIGSTOP');
  try {
    const { status, detail } = await promptly('POST', path, scan(['11.3.0.0/28']), 10_000);
    expect(status).toBe(503);
    expect(detail).toMatch(/redis is silent/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await eventually('the API works again', async () => {
    return (await tasker.post(path, scan(['11.3.0.0/28']))).status === 200;
  });
});
