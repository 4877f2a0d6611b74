/** A cancel is about one scan, and RabbitMQ's queue is everybody's. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { cancel } from '../../../src/flows/stop/cancel.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { connectRabbit, SCAN_QUEUE, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const depth = () => scene.services.broker.depth();
const out = () => scene.redis.scard(workerKeys.projectTasks(project));

async function sent(entries: string): Promise<string> {
  const id = await scene.submit({ project, entries });
  await scene.untilState(id, 'done');
  return id;
}

/** Messages of others that stand in the queue with ours. */
async function publish(messages: readonly { content: unknown; headers: object }[]): Promise<void> {
  const before = await depth();
  const connection = await connectRabbit(scene.stages.vhost);
  const channel = await connection.createChannel();
  for (const { content, headers } of messages)
    channel.sendToQueue(SCAN_QUEUE, Buffer.from(JSON.stringify(content)), { headers });
  await eventually('they are ready', async () => (await depth()) === before + messages.length);
  await connection.close();
}

it('takes its own tasks back, and none of another scan of the project', async () => {
  scene.runJobs();
  const id = await sent('11.0.0.0/29');
  await sent('11.0.1.0/30');
  expect(await cancel({ project, id, running: 'kill' }, scene.services)).toMatchObject({
    ...{ ready: 6, running: 0, complete: true },
  });
  expect(await out()).toBe(2);
  const left = (await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip);
  expect(left.sort()).toEqual(['11.0.1.1', '11.0.1.2']);
});

it('takes a task that is tracked no more; what says no target may be of another scan, and goes with the project', async () => {
  scene.runJobs();
  const id = await sent('11.0.0.1');
  const [task] = await takeTasks(scene.stages.vhost);
  await scene.redis.srem(workerKeys.projectTasks(project), task?.id ?? '');
  const headers = task?.headers ?? {};
  await publish([
    { content: [[task?.task], {}, {}], headers },
    { content: [[{ project }], {}, {}], headers: { ...headers, id: randomUUID() } },
    { content: [[{ ...task?.task, ip: '11.0.0.2' }], {}, {}], headers: { ...headers, id: randomUUID() } },
    { content: 'no task', headers: {} },
  ]);
  await cancel({ project, id, running: 'kill' }, scene.services);
  expect(await depth()).toBe(3);
  await stop(project, scene.services);
  expect(await depth(), 'what is no task stays').toBe(1);
});
