import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancelTasks, ping, revoke, updateIp } from '../../../src/adapters/celery/messages.ts';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { connectedBroker, rabbitmqConfig } from '../../support/broker.ts';
import { scanTask } from '../../support/scanTask.ts';
import { eventually, ownRedisDb, ownVhost, services } from '../../support/services.ts';
import { fitting, runningEntry, runningTools, workerHash } from '../../support/workerContract.ts';

const HOST = 'sim-1';
const PROJECT = randomUUID();
const USER = { id: randomUUID(), username: 'ann' };
let closers: (() => Promise<unknown> | unknown)[];
let vhost: string;
let db: number;
let broker: Broker;
let redis: Redis;

beforeEach(async () => {
  const own = await ownVhost();
  vhost = own.vhost;
  closers = [own.drop];
  db = await ownRedisDb();
  redis = new Redis({ ...services().redis, db });
  closers.push(() => redis.disconnect());
  broker = await connectedBroker(vhost);
  closers.push(() => broker.close());
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

async function start(scanMs: number): Promise<{ child: ChildProcess; output: () => string }> {
  const config = rabbitmqConfig(vhost);
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/simulatedWorker.ts'], {
    env: {
      ...process.env,
      REDIS_HOST: services().redis.host,
      REDIS_PORT: String(services().redis.port),
      REDIS_DB: String(db),
      RABBITMQ_HOST: config.host,
      RABBITMQ_PORT: String(config.port),
      RABBITMQ_USER: config.user,
      RABBITMQ_PASSWORD: config.password,
      RABBITMQ_VHOST: vhost,
      WORKER_HOSTNAME: HOST,
      SCAN_MS: String(scanMs),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closers.push(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const output = () => text;
  await eventually('the worker is connected', () => output().includes('RabbitMQ is connected'));
  return { child, output };
}

/** Tracks and publishes one task, as Tasker does. */
async function send(id: string, ip: string): Promise<void> {
  await redis.set(workerKeys.lock(PROJECT, ip, '80'), id);
  await redis.hset(workerKeys.task(id), { ip, ports: '80' });
  await redis.sadd(workerKeys.projectTasks(PROJECT), id);
  await redis.sadd(workerKeys.userTasks(USER.id), id);
  await redis.sadd(workerKeys.addressTasks(PROJECT, ip), id);
  const task = {
    ip,
    hostnames: [],
    project: PROJECT,
    open_ports_opts: '-n -Pn -p 80',
    service_opts: '-n -sV -Pn',
    timeout: 300,
    include_services: true,
    mode: 'insert',
    user: USER,
    open_ports_str: '80',
    track_history: true,
  } as const;
  await broker.publishTasks([scanTask(id, task)]);
}

test('the simulated worker scans, and leaves no keys behind', async () => {
  const { output } = await start(10);
  const id = randomUUID();
  await send(id, '8.8.8.8');
  await eventually('the line is there', () => output().includes(`scanned 8.8.8.8 ${id}`));
  expect(await redis.keys('*')).toEqual([]);
  expect(await broker.depth()).toBe(0);
});

test('the simulated worker writes what a real worker writes', async () => {
  await start(60_000);
  const id = randomUUID();
  await send(id, '8.8.8.8');
  const [text] = await eventually('it runs', async () => {
    const entries = await redis.lrange(`running:task:${id}:host:${HOST}`, 0, -1);
    return entries.length > 0 && entries;
  });
  const entry = fitting(JSON.parse(text ?? ''), runningEntry);
  expect(entry).toMatchObject({ ip: '8.8.8.8', hostnames: [], worker: HOST });
  fitting(await redis.hgetall(`running_tool:nmap:${HOST}`), runningTools);
  expect(await new WorkerStore(redis).runningTargets(PROJECT)).toEqual([entry]);
  await broker.broadcast(updateIp(randomUUID()));
  await eventually('the address', () => redis.hget(workerKeys.worker(HOST), 'ip'));
  fitting(await redis.hgetall(workerKeys.worker(HOST)), workerHash);
});

test('the simulated worker cancels what runs and drops what was revoked', async () => {
  const { output } = await start(60_000);
  const [first, second] = [randomUUID(), randomUUID()];
  await send(first, '8.8.8.1');
  await eventually('it runs', () => redis.exists(`running:task:${first}:host:${HOST}`));
  await broker.broadcast(revoke([second]));
  await send(second, '8.8.8.2');
  await broker.broadcast(cancelTasks([first]));
  await eventually('both are over', () => output().includes(`revoked 8.8.8.2 ${second}`));
  expect(output()).toContain(`cancelled 8.8.8.1 ${first}`);
});

test('the simulated worker answers pings for its three nodes and tells its address', async () => {
  await start(10);
  const heard: string[] = [];
  broker.onPong((hostname) => heard.push(hostname));
  await broker.broadcast(ping(randomUUID(), broker.replyKey));
  await broker.broadcast(updateIp(randomUUID()));
  await eventually('three pongs', () => heard.length === 3);
  expect(heard).toEqual([HOST, HOST, HOST]);
  await eventually('the address', () => redis.hget(workerKeys.worker(HOST), 'ip'));
});

test('the simulated worker ends on SIGTERM and gives its task back', async () => {
  const { child } = await start(60_000);
  const id = randomUUID();
  await send(id, '8.8.8.8');
  await eventually('it runs', () => redis.exists(`running:task:${id}:host:${HOST}`));
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await redis.exists(`running:task:${id}:host:${HOST}`)).toBe(0);
  expect(await redis.smembers(workerKeys.projectTasks(PROJECT))).toEqual([id]);
  await eventually('the task is ready again', async () => (await broker.depth()) === 1);
});
