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

it('what is paused, cancelled or excluded meanwhile is 202, and taken out when RabbitMQ is back', async () => {
  const before = await depth();
  const run = async (network: string) => {
    const project = `/tasks/${randomUUID()}`;
    const { body } = await tasker.post(`${project}/run-nmap`, scan([network]));
    return { project, href: body.submission.href as string };
  };
  const [excluded, patched, struck] = await Promise.all(
    ['11.2.2.0/28', '11.2.3.0/28', '11.2.4.0/28'].map(run),
  );
  await eventually('all of these are sent', async () => (await depth()) === before + 3 * 14);
  const [paused, cancelled] = await Promise.all(['11.3.0.0/21', '11.4.0.0/21'].map(run));
  await eventually('the window is full', async () => (await depth()) >= 1_000);
  await rabbitmq.kill();
  await eventually('Tasker knows', async () => {
    return (await tasker.get('/ready')).body.services.rabbitmq.status === 'away';
  });
  const answers = [
    await tasker.send('POST', `${paused?.href}/pause`, { why: 'a call from the client' }),
    await tasker.send('POST', `${cancelled?.href}/cancel`, {}),
    await tasker.send('POST', `${excluded?.project}/exclusions`, { hosts: ['11.2.2.0/24'], why: 'fragile' }),
    await tasker.send('PATCH', patched?.href ?? '', { exclude: ['11.2.3.0/24'] }),
    await tasker.send('POST', `${struck?.project}/cancel-targets`, { hosts: ['11.2.4.0/24'] }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const told = answers[2]?.body;
  expect(told.receipt.complete).toBe(false);
  const receipt = async () => (await tasker.get(told.receipt.href)).body;
  expect(await receipt()).toMatchObject({ ready: 14, since: null });

  await rabbitmq.restart();
  await eventually('all of it is taken out', async () => (await depth()) === before);
  await eventually('the receipt says so', async () => (await receipt()).since !== null);
  await tasker.send('POST', `${paused?.href}/resume`, {});
  await eventually('what was paused is sent again', async () => (await depth()) >= before + 14);
});
