import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cancelTasks, ping, revoke, type ScanTask, updateIp } from '../../../src/adapters/celery/messages.ts';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { connectedBroker } from '../../support/broker.ts';
import { startCeleryWorker } from '../../support/celeryWorker/celeryWorker.ts';
import { scanTask } from '../../support/scanTask.ts';
import { eventually, ownRedisDb, ownVhost, services } from '../../support/services.ts';

const HOST = 'scan-1';
const SCAN_SECONDS = 3;
const PROJECT = randomUUID();
const USER = { id: randomUUID(), username: 'ann' };
const closers: (() => Promise<unknown> | unknown)[] = [];
let broker: Broker;
let redis: Redis;

beforeAll(async () => {
  const { vhost, drop } = await ownVhost();
  closers.push(drop);
  const db = await ownRedisDb();
  redis = new Redis({ ...services().redis, db });
  closers.push(() => redis.disconnect());
  broker = await connectedBroker(vhost);
  closers.push(() => broker.close());
  const worker = await startCeleryWorker({
    ...services(),
    vhost,
    db,
    hostname: HOST,
    scanSeconds: SCAN_SECONDS,
  });
  closers.push(() => worker.stop());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

beforeEach(() => redis.flushdb());

function task(ip: string): ScanTask {
  return {
    ip,
    hostnames: ['dns.test', 'ü.test'],
    project: PROJECT,
    open_ports_opts: '-n -Pn -p 53,80-90',
    service_opts: '-n -sV -Pn',
    timeout: 300,
    include_services: true,
    mode: 'insert',
    user: USER,
    open_ports_str: '53 80-90',
    track_history: true,
  };
}

/** What Tasker writes before it publishes. */
async function track(id: string, { ip, open_ports_str: ports }: ScanTask): Promise<void> {
  await redis.set(workerKeys.lock(PROJECT, ip, ports), id);
  await redis.hset(workerKeys.task(id), { ip, ports });
  for (const key of [
    workerKeys.projectTasks(PROJECT),
    workerKeys.userTasks(USER.id),
    workerKeys.addressTasks(PROJECT, ip),
  ])
    await redis.sadd(key, id);
}

async function send(ip: string): Promise<{ id: string; sent: ScanTask }> {
  const id = randomUUID();
  const sent = task(ip);
  await track(id, sent);
  await broker.publishTasks([scanTask(id, sent)]);
  return { id, sent };
}

const lines = async (key: string): Promise<unknown[]> =>
  (await redis.lrange(key, 0, -1)).map((line) => JSON.parse(line));
const running = (id: string) =>
  eventually(`${id} runs`, () => redis.exists(`running:task:${id}:host:${HOST}`));

test('a worker scans: the task arrives as it was built, and all its keys go', async () => {
  const { id, sent } = await send('8.8.8.8');
  await running(id);
  expect(await lines('test:received')).toEqual([
    { id, headers: { lang: 'py', retries: 0, argsrepr: '(8.8.8.8,)' }, task: sent },
  ]);
  await eventually('the scan has ended', () => redis.llen('test:ended'));
  expect(await lines('test:ended')).toEqual([{ id, cancelled: false }]);
  expect((await redis.keys('*')).sort()).toEqual(['test:ended', 'test:received']);
});

test('a cancel ends the running scan early', async () => {
  const { id } = await send('8.8.4.4');
  await running(id);
  await broker.broadcast(cancelTasks([id, randomUUID()]));
  await eventually('the scan has ended', () => redis.llen('test:ended'));
  expect(await lines('test:ended')).toEqual([{ id, cancelled: true }]);
});

test('a worker says what it has in hand when it is asked, and nothing of what it does not have', async () => {
  const { id } = await send('8.8.4.8');
  await running(id);
  const second = await send('8.8.4.9');
  expect(await broker.heldTasks([id, second.id, randomUUID()])).toEqual(new Map([[HOST, [id]]]));
  await eventually('both scans have ended', async () => (await redis.llen('test:ended')) === 2);
  await eventually('it has none', async () => (await broker.heldTasks([id])).get(HOST)?.length === 0);
});

test('a revoked task is taken from the queue and not run', async () => {
  const revoked = [randomUUID(), randomUUID()];
  const first = await send('8.8.8.1');
  await running(first.id);
  await broker.broadcast(revoke(revoked));
  await broker.publishTasks(revoked.map((id, number) => scanTask(id, task(`8.8.8.${number + 2}`))));
  const last = await send('8.8.8.9');
  await eventually('the last scan has ended', async () => (await redis.llen('test:ended')) === 2);
  expect(await lines('test:ended')).toEqual([
    { id: first.id, cancelled: false },
    { id: last.id, cancelled: false },
  ]);
});

test('an update_ip makes the worker write its address', async () => {
  await broker.broadcast(updateIp(randomUUID()));
  await eventually('the address is there', () => redis.hget(workerKeys.worker(HOST), 'ip'));
});

test('all three nodes answer a ping', async () => {
  const heard: string[] = [];
  broker.onPong((hostname) => heard.push(hostname));
  await broker.broadcast(ping(randomUUID(), broker.replyKey));
  await eventually('three pongs', () => heard.length === 3);
  expect(heard).toEqual([HOST, HOST, HOST]);
});
