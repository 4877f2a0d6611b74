/** What stands in Redis and RabbitMQ, as it is told to Prometheus. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { PROCESSES_KEY } from '../../../src/adapters/redis/keys.ts';
import { installationMetrics } from '../../../src/queries/installationMetrics.ts';
import { connectedBroker } from '../../support/broker.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

/** By name and labels. */
async function told(broker: Broker = scene.services.broker): Promise<Record<string, number>> {
  const { stores, redis, queues } = scene;
  const samples = await installationMetrics({ ...stores, redis, broker, queues });
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

it('of what is not known nothing is told: no window, no process, RabbitMQ away', async () => {
  const away = await connectedBroker(scene.stages.vhost);
  await away.close();
  const values = await told(away);
  expect(values).toMatchObject({ tasker_paused: 0, tasker_workers: 0, 'tasker_processes jobs': 0 });
  for (const name of ['tasker_tasks_ready', 'tasker_window_tasks', 'tasker_event_loop_lag_seconds jobs'])
    expect(values).not.toHaveProperty(name);
  expect(values.tasker_redis_memory_bytes).toBeGreaterThan(0);
});

it('the window, and the longest lag of the processes that live', async () => {
  const { metrics, windowStore, pauses } = scene.stores;
  await windowStore.save({ limit: 40, rate: 2 });
  for (const [name, lagS] of [['one', 0.25] as const, ['two', 0.75] as const])
    await metrics.add(new Map(), { name, lagS });
  await scene.redis.hset(PROCESSES_KEY, 'gone', '1 9.5');
  await pauses.pause({}, { since: new Date().toISOString(), by: 'ann', why: null }, 'finish');
  expect(await told()).toMatchObject({
    ...{ tasker_paused: 1, tasker_tasks_ready: 0, tasker_window_tasks: 40, 'tasker_processes jobs': 2 },
    'tasker_event_loop_lag_seconds jobs': 0.75,
  });
});

it('a pause of one project is none of the installation', async () => {
  const pause = { since: new Date().toISOString(), by: 'ann', why: null };
  await scene.stores.pauses.pause({ project: randomUUID() }, pause, 'finish');
  expect((await told()).tasker_paused).toBe(0);
});

it('jobs wait also in the order of priorities, and in a queue that somebody paused', async () => {
  const { publish, expand } = scene.queues;
  await publish.add('publish', { submission: randomUUID() });
  await publish.add('publish', { submission: randomUUID() }, { priority: 3 });
  await publish.add('publish', { submission: randomUUID() }, { delay: 3_600_000 });
  await expand.pause();
  await expand.add('expand', { submission: randomUUID() });
  expect(await told()).toMatchObject({
    ...{
      'tasker_jobs publish waiting': 2,
      'tasker_jobs publish delayed': 1,
      'tasker_jobs publish active': 0,
    },
    ...{ 'tasker_jobs expand waiting': 1, 'tasker_jobs split waiting': 0 },
  });
});

it('each project has what it waits for, and all others are told as one', async () => {
  scene.runJobs({}, 5);
  const project = randomUUID();
  await scene.submit({ project, entries: '11.0.0.0/28' });
  await eventually('the window is full', async () => (await scene.services.broker.depth()) === 5);
  expect(await told()).toMatchObject({
    ...{ [`tasker_project_targets ${project} waiting`]: 9, [`tasker_project_targets ${project} running`]: 0 },
    ...{ 'tasker_project_targets other waiting': 0, tasker_tasks_ready: 5, 'tasker_tasks_sent_total 3': 5 },
  });
});
