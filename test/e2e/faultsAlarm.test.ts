/** RabbitMQ is short of memory for a while, in the middle of a flow. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import { type RabbitmqServer, startRabbitmq } from '../../tools/services/rabbitmq.ts';
import {
  drain,
  drainUntilDone,
  expectNothingLost,
  submitNetwork,
  untilUnderWay,
} from '../support/flowChecks.ts';
import { beginAlarm, endAlarm } from '../support/rabbitmqAlarm.ts';
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

const said = (text: string) => tasker.logs.filter(({ msg }) => String(msg).includes(text));

it('nothing is lost or sent twice, /ready says it, and a stop is finished when the alarm ends', async () => {
  const broker = { ...rabbitmq, vhost: '/' };
  const flow = await submitNetwork(tasker, 1, 16);
  // Too large to be through before the alarm.
  const stopped = await submitNetwork(tasker, 2, 14);
  await untilUnderWay(tasker, flow);
  await untilUnderWay(tasker, stopped);
  await beginAlarm(rabbitmq);
  await eventually('Tasker knows, in both processes', async () => {
    const { body } = await tasker.get('/ready');
    return body.services.rabbitmq.status === 'away' && said('blocks publishers').length === 2;
  });
  expect((await tasker.get('/ready')).body.services.rabbitmq.detail).toMatch(
    /blocks publishers.*low on memory/,
  );
  const meanwhile = await submitNetwork(tasker, 3, 24);
  expect((await tasker.get(meanwhile.href)).body).toMatchObject({ state: 'dispatching', sent: 0 });

  const answer = await tasker.get(`/tasks/${stopped.project}/stop-nmap`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(503);
  expect((await tasker.get(stopped.href)).body.state).toBe('stopped');
  await endAlarm(rabbitmq);

  const status = async () => (await tasker.get(`/tasks/${stopped.project}/status`)).body.active_or_queued;
  await eventually('the stop is finished', async () => (await status()) === 0);
  await eventually('RabbitMQ counts as there', async () => {
    return (await tasker.get('/ready')).body.services.rabbitmq.status === 'ok';
  });
  const tasks = await drainUntilDone(tasker, flow, broker);
  tasks.push(...(await drainUntilDone(tasker, meanwhile, broker)));
  await expectNothingLost({ tasker, redis: installation.redis }, flow, tasks, 0);
  await expectNothingLost({ tasker, redis: installation.redis }, meanwhile, tasks, 0);
  expect(tasks.filter(({ task }) => task.project === stopped.project)).toEqual([]);
  expect(await installation.redis.exists(workerKeys.projectTasks(stopped.project))).toBe(0);
  expect(await drain(broker)).toEqual([]);
  expect(said('takes messages again').length).toBe(2);
  expect(said('stage gave up')).toEqual([]);
}, 180_000);
