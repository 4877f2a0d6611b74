/** RabbitMQ that is killed in the middle of a flow, or away from the start. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type RabbitmqServer, startRabbitmq } from '../../tools/services/rabbitmq.ts';
import {
  drain,
  drainUntilDone,
  expectNothingLost,
  submitNetwork,
  untilUnderWay,
} from '../support/flowChecks.ts';
import { eventually } from '../support/services.ts';
import { type Installation, ownInstallation, startTasker, type Tasker } from '../support/tasker.ts';

let directory: string;
let installation: Installation;
let rabbitmq: RabbitmqServer;
let tasker: Tasker;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-faults-'));
  installation = await ownInstallation();
  rabbitmq = await startRabbitmq({ directory });
});

afterEach(() => tasker?.stop());

afterAll(async () => {
  await rabbitmq?.kill();
  await installation?.drop();
  rmSync(directory, { recursive: true, force: true });
});

const start = () =>
  startTasker({
    ...installation.env,
    RABBITMQ_PORT: String(rabbitmq.port),
    RABBITMQ_VHOST: '/',
    DISPATCH_WINDOW: '0',
  });

const gaveUp = () => tasker.logs.filter(({ msg }) => msg === 'stage gave up');

it('killed in the middle of a flow: everything is sent once it is back, and scans are accepted meanwhile', async () => {
  tasker = await start();
  const broker = { ...rabbitmq, vhost: '/' };
  const flow = await submitNetwork(tasker, 1, 17);
  await untilUnderWay(tasker, flow);
  await rabbitmq.kill();
  await eventually('Tasker knows', async () => {
    const { body } = await tasker.get('/ready');
    return body.services.rabbitmq.status === 'away';
  });
  const stillToSend = await untilUnderWay(tasker, flow);

  const meanwhile = await submitNetwork(tasker, 2, 24);
  expect((await tasker.get(meanwhile.href)).body).toMatchObject({ state: 'dispatching', sent: 0 });
  expect((await tasker.get(`/tasks/${meanwhile.project}/status`)).body.active_or_queued).toBe(254);
  expect((await tasker.get(flow.href)).body.sent).toBe(stillToSend);

  await rabbitmq.restart();
  const tasks = await drainUntilDone(tasker, flow, broker);
  tasks.push(...(await drainUntilDone(tasker, meanwhile, broker)));
  await expectNothingLost({ tasker, redis: installation.redis }, flow, tasks, 1);
  await expectNothingLost({ tasker, redis: installation.redis }, meanwhile, tasks, 0);
  expect(gaveUp()).toEqual([]);
}, 180_000);

it('away from the start: the scan is accepted, and sent once RabbitMQ is there', async () => {
  await rabbitmq.kill();
  tasker = await start();
  const flow = await submitNetwork(tasker, 3, 22);
  expect((await tasker.get(flow.href)).body).toMatchObject({ state: 'dispatching', sent: 0 });
  expect((await tasker.get(`/tasks/${flow.project}/status`)).body.active_or_queued).toBe(flow.ips.length);

  await rabbitmq.restart();
  const tasks = await drainUntilDone(tasker, flow, { ...rabbitmq, vhost: '/' });
  await expectNothingLost({ tasker, redis: installation.redis }, flow, tasks, 0);
  expect(gaveUp()).toEqual([]);
  expect(await drain({ ...rabbitmq, vhost: '/' })).toEqual([]);
}, 120_000);
