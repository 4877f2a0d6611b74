import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, it, onTestFinished } from 'vitest';
import { submissionKeys, TASK_TIMES_AT_KEY } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { renumber } from '../../../src/flows/renumber.ts';
import { measureTasks } from '../../../src/jobs/chores/measureTasks.ts';
import { Turns } from '../../../src/jobs/runner/turns.ts';
import { LANES } from '../../../src/targets/order/batches.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { connectRabbit, SCAN_QUEUE, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

function measure(): void {
  const turns = new Turns(scene.stores.turnStore, scene.queues.publish);
  const { broker, log } = scene.services;
  const measuring = measureTasks({
    ...{ ...scene.stores, broker, log },
    wakeLimited: async () => {},
    renumber: (id) => renumber(id, { ...scene.stores, queues: scene.queues, turns }),
  });
  onTestFinished(() => measuring.close());
}

it('a scan that was charged too much gets better places in line as soon as its tasks are measured', async () => {
  scene.runJobs({}, 20);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/22' });
  const tasks = await eventually('the window is full', async () => {
    const depth = await scene.services.broker.depth();
    return depth === 20 && takeTasks(scene.stages.vhost);
  });
  await scene.queues.publish.pause();
  const numbers = async () => (await scene.queues.publish.getPrioritized()).map(({ priority }) => priority);
  const before = await eventually('its jobs wait', async () => {
    const waiting = await numbers();
    return waiting.length === LANES && waiting;
  });
  // All but one have ended: they take next to nothing.
  for (const { id: task } of tasks.slice(1)) await scene.redis.srem(workerKeys.projectTasks(project), task);
  await scene.redis.hset(workerKeys.tool('host'), tasks[0]?.id ?? '', 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  const [now] = await scene.redis.time();
  await scene.redis.set(TASK_TIMES_AT_KEY, Number(now));
  measure();
  await eventually('it is measured', () => scene.redis.hexists(submissionKeys(id).facts, 'task_seconds'));
  await eventually('the jobs are moved', async () => Math.max(...(await numbers())) < Math.max(...before));
  await scene.queues.publish.resume();
});

it('who takes tasks and is not known yet is asked for a sign of life', async () => {
  const connection = await connectRabbit(scene.stages.vhost);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'celery.pidbox', '');
  const heard: string[] = [];
  const hear = (message: { content: Buffer } | null) => void heard.push(String(message?.content));
  await channel.consume(queue, hear, { noAck: true });
  measure();
  await channel.consume(SCAN_QUEUE, () => {});
  await eventually('it is asked', () => heard.some((text) => text.includes('"ping"')));
  await connection.close();
});
