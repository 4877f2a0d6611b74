/** A worker that vanishes in the middle of a stop must not hand its task to the next one. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RECALLS_KEY } from '../../src/adapters/redis/keys.ts';
import { type CeleryWorker, startCeleryWorker } from '../support/celeryWorker/celeryWorker.ts';
import { queueKey } from '../support/ownKeys.ts';
import { pausableProxy } from '../support/pausableProxy.ts';
import { queueDepth } from '../support/scanQueue.ts';
import { eventually, services } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const SCAN_SECONDS = 120;
let installation: Installation;
let tasker: Tasker;
const workers: CeleryWorker[] = [];

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker(installation.env);
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await tasker?.stop();
  await installation?.drop();
});

async function startWorker(hostname: string, rabbitmqPort = services().rabbitmq.port): Promise<CeleryWorker> {
  const { vhost, db } = installation;
  const { redis, rabbitmq } = services();
  const where = { redis, rabbitmq: { ...rabbitmq, port: rabbitmqPort }, vhost, db };
  const worker = await startCeleryWorker({ ...where, hostname, scanSeconds: SCAN_SECONDS });
  workers.push(worker);
  return worker;
}

const running = async (project: string) => (await tasker.get(`/tasks/${project}/status`)).body.running;

/** Whom the tasks that were begun belong to. */
async function begun(): Promise<string[]> {
  const received = await installation.redis.lrange('test:received', 0, -1);
  return received.map((text) => JSON.parse(text).task.project);
}

/** A worker has a task of the project in hand, and does not hear that the project is stopped. */
async function stoppedBehindItsBack(project: string, worker: CeleryWorker): Promise<void> {
  await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9']));
  await eventually('it runs', async () => (await running(project)) === 1);
  worker.freeze();
  const { body } = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect(body).toEqual({ status: 'stopped', revoked: 1 });
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(0);
}

it('what a worker gives back that vanishes after a stop is taken out before the next worker comes', async () => {
  const project = randomUUID();
  const worker = await startWorker('vanishes');
  await stoppedBehindItsBack(project, worker);
  expect(await installation.redis.hlen(RECALLS_KEY)).toBe(1);

  await worker.kill();
  const takenOut = () => tasker.logs.some(({ msg }) => String(msg).includes('a worker gave back'));
  await eventually('it is taken out', takenOut);
  expect(await queueDepth(installation.vhost)).toBe(0);
  // Nobody knows whether it will come back with its scan running: the task is remembered as long as that can be.
  expect(await installation.redis.hlen(RECALLS_KEY)).toBe(1);

  const other = randomUUID();
  const next = await startWorker('comes-later');
  await tasker.post(`/tasks/${other}/run-nmap`, scan(['8.8.8.8']));
  await eventually('the next worker is at work', async () => (await running(other)) === 1);
  expect(await begun()).toEqual([project, other]);
  await next.kill();
  await tasker.get(`/tasks/${other}/stop-nmap`);
});

it('a worker that came up after the stop is told, and the recall waits when the other one vanishes', async () => {
  const project = randomUUID();
  const worker = await startWorker('vanishes-too');
  await eventually('nothing is in its way', async () => (await queueDepth(installation.vhost)) === 0);
  await installation.redis.del('test:received', 'test:ended');
  await stoppedBehindItsBack(project, worker);

  const next = await startWorker('was-there');
  const before = Date.now();
  await eventually('the chore has run since', async () => {
    const ids = await installation.redis.zrangebyscore(queueKey('housekeeping', 'completed'), before, '+inf');
    return ids.filter((id) => id.includes('recall_tasks')).length >= 2;
  });
  await worker.kill();

  const other = randomUUID();
  await tasker.post(`/tasks/${other}/run-nmap`, scan(['8.8.8.8']));
  await eventually('it takes another task', async () => (await running(other)) === 1);
  expect(await begun()).toEqual([project, other]);
  await next.kill();
  await tasker.get(`/tasks/${other}/stop-nmap`);
});

it('the scan of a worker that was cut off when the stop came ends when it comes back', async () => {
  const project = randomUUID();
  await eventually('nothing is in its way', async () => (await queueDepth(installation.vhost)) === 0);
  await installation.redis.del('test:received', 'test:ended', RECALLS_KEY);
  const network = await pausableProxy(services().rabbitmq);
  const worker = await startWorker('comes-back', network.port);
  await tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9']));
  await eventually('it runs', async () => (await running(project)) === 1);
  worker.freeze();
  // Before the stop: what RabbitMQ has sent to it by then, it hears when it comes back.
  network.cut();
  await eventually('its task is back', async () => (await queueDepth(installation.vhost)) === 1);
  const { body } = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect(body).toEqual({ status: 'stopped', revoked: 1 });
  expect(await queueDepth(installation.vhost)).toBe(0);

  worker.thaw();
  const [ended] = await eventually(
    'its scan is killed',
    async () => {
      const all = await installation.redis.lrange('test:ended', 0, -1);
      return all.length > 0 && all;
    },
    90_000,
  );
  expect(JSON.parse(ended ?? '')).toMatchObject({ cancelled: true });
  expect(await begun()).toEqual([project]);
  await worker.kill();
  await network.close();
}, 150_000);
