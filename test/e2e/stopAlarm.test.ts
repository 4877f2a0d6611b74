/** RabbitMQ has no memory left while a scan is stopped. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRabbitmq } from '../../tools/services/binaries.ts';
import { freePorts } from '../../tools/services/ports.ts';
import { type RabbitmqServer, startRabbitmq } from '../../tools/services/rabbitmq.ts';
import { SCAN_QUEUE } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

let directory: string;
let epmd: number;
let installation: Installation;
let rabbitmq: RabbitmqServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-alarm-'));
  installation = await ownInstallation();
  [epmd = 0] = await freePorts(1);
  rabbitmq = await startRabbitmq({ directory, ports: { epmd } });
  tasker = await startTasker({
    ...installation.env,
    RABBITMQ_PORT: String(rabbitmq.port),
    RABBITMQ_VHOST: '/',
    DISPATCH_WINDOW: '0',
  });
});

afterAll(async () => {
  await tasker?.stop();
  await rabbitmq?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function setMemoryLimit(share: string): Promise<void> {
  const command = join(dirname(findRabbitmq() ?? ''), 'rabbitmqctl');
  const env = { ...process.env, HOME: directory, ERL_EPMD_PORT: String(epmd) };
  const args = ['-n', 'tasker@localhost', 'set_vm_memory_high_watermark', share];
  await promisify(execFile)(command, args, { cwd: directory, env });
}

async function depth(): Promise<number> {
  const connection = await connect({ hostname: rabbitmq.host, port: rabbitmq.port });
  try {
    return (await (await connection.createChannel()).checkQueue(SCAN_QUEUE)).messageCount;
  } finally {
    await connection.close();
  }
}

it('a stop says that RabbitMQ is away or that it has stopped, is no defect, and ends by itself afterwards', async () => {
  const project = randomUUID();
  const { body } = await tasker.post(`/tasks/${project}/run-nmap`, scan(['11.1.0.0/16']));
  await eventually('it is under way', async () => (await tasker.get(body.submission.href)).body.sent > 0);
  await setMemoryLimit('0.0000001');
  const stopped = await tasker.get(`/tasks/${project}/stop-nmap`);
  expect([200, 503]).toContain(stopped.status);
  expect((await tasker.get(body.submission.href)).body.state).toBe('stopped');

  await setMemoryLimit('0.4');
  await eventually('the queue is empty', async () => (await depth()) === 0, 60_000);
  await eventually('the stop is finished', async () => !(await installation.redis.exists('tasker:stops')));
  expect((await tasker.get(`/tasks/${project}/status`)).body.active_or_queued).toBe(0);
}, 150_000);
