import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RabbitmqServer, startRabbitmq } from '../../tools/services/rabbitmq.ts';
import { isSent } from '../support/progress.ts';
import { SCAN_QUEUE } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let directory: string;
let installation: Installation;
let rabbitmq: RabbitmqServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-stop-'));
  installation = await ownInstallation();
  rabbitmq = await startRabbitmq({ directory });
  tasker = await startTasker({
    ...installation.env,
    RABBITMQ_PORT: String(rabbitmq.port),
    RABBITMQ_VHOST: '/',
  });
});

afterAll(async () => {
  await tasker?.stop();
  await rabbitmq?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function depth(): Promise<number> {
  const connection = await connect({ hostname: rabbitmq.host, port: rabbitmq.port });
  try {
    return (await (await connection.createChannel()).checkQueue(SCAN_QUEUE)).messageCount;
  } finally {
    await connection.close();
  }
}

it('a stop that RabbitMQ misses says so, lets nothing out, and is finished when RabbitMQ is back', async () => {
  const project = randomUUID();
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.1.0.0/19']));
  await eventually('the window is full', async () => (await depth()) >= 1_000);
  await rabbitmq.kill();
  await eventually('Tasker knows', async () => {
    const ready = await tasker.get('/ready');
    return ready.body.services.rabbitmq.status === 'away';
  });

  const stopped = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect(stopped.status).toBe(503);
  expect(stopped.body.detail).toMatch(/RabbitMQ/);
  expect((await tasker.get(body.submission.href)).body.state).toBe('stopped');

  // A scan that comes after the stop is none of its business.
  const later = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.9.0.0/28']));
  expect(later.body.summary.sent_to_scan).toBe(14);

  await rabbitmq.restart();
  await eventually('the later scan is sent', async () => {
    return isSent((await tasker.get(later.body.submission.href)).body.state);
  });
  expect(await depth()).toBe(14);
  const { body: status } = await tasker.get(`/tasks/${project}/status`);
  expect(status).toEqual({ active_or_queued: 14, running: 0, running_targets: [] });
});
