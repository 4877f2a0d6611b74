/** What runs when its scan is cancelled and may finish: it does not begin once more, and nothing of it stays. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { cancel, finishCancels } from '../../../src/flows/stop/cancel.ts';
import { recallTasks } from '../../../src/flows/stop/recallTasks.ts';
import { createOverview } from '../../../src/queries/overview/overview.ts';
import { beginTask } from '../../support/dyingWorker.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { connectRabbit } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const depth = () => scene.services.broker.depth();
const look = () => recallTasks(scene.services);

/** A scan of one address that a worker has in hand. */
async function scanInHand() {
  scene.runJobs({}, 20);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.1' });
  await scene.untilState(id, 'done');
  const worker = await beginTask({ vhost: scene.stages.vhost, redis: scene.redis }, 'host', 1);
  return { project, id, worker, asked: { project, id, running: 'finish' as const } };
}

/** As if all that is known of the recalls had happened two minutes earlier. */
async function twoMinutesLater(): Promise<void> {
  const past = (await scene.stores.recalls.now()) - 120_000;
  const all = await scene.stores.recalls.all();
  await scene.stores.recalls.save(
    [...all].map(([id, recall]) => [id, { ...recall, since: past, seen: past }]),
  );
}

it('workers are told not to begin it once more, and not to end it', async () => {
  const { worker, asked } = await scanInHand();
  const revoked: string[] = [];
  const connection = await connectRabbit(scene.stages.vhost);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'celery.pidbox', '');
  await channel.consume(queue, (message) => void revoked.push(String(message?.content)), { noAck: true });
  await cancel(asked, scene.services);
  await eventually('it is revoked', () => revoked.some((text) => text.includes(worker.task)));
  await look();
  expect(worker.cancelled).toEqual([]);
  await connection.close();
});

it('goes on as long as its worker says that it has it', async () => {
  const { project, worker, asked } = await scanInHand();
  await cancel(asked, scene.services);
  await twoMinutesLater();
  await look();
  await look();
  expect(await scene.redis.sismember(workerKeys.projectTasks(project), worker.task)).toBe(1);
  expect(await scene.redis.hexists(workerKeys.tool('host'), worker.task)).toBe(1);
  expect(worker.cancelled).toEqual([]);
});

it('is taken out when its worker dies, and its keys go, also when that worker is back and lists it', async () => {
  const { project, id, worker, asked } = await scanInHand();
  await cancel(asked, scene.services);
  await worker.die();
  await eventually('RabbitMQ gives it back', async () => (await depth()) === 1);
  await twoMinutesLater();
  await look();
  expect(await scene.redis.hexists(workerKeys.tool('host'), worker.task), 'nobody has it').toBe(0);
  await look();
  expect(await depth()).toBe(0);
  await twoMinutesLater();
  await look();
  expect(await scene.stores.recalls.all()).toEqual(new Map());
  expect(await scene.redis.keys(`*${worker.task}*`)).toEqual([]);
  expect(await scene.stores.projects.activeOrQueued(project)).toBe(0);
  await followScans(scene.services);
  expect(await scene.progress(id)).toMatchObject({ state: 'stopped', finishedAt: expect.any(String) });
  const [row] = await createOverview(scene.stores).rows([id]);
  expect(row?.counts).toMatchObject({ total: 1, stopped: 1, done: 0 });
});

it('goes on when the process that cancels dies, and another one ends the cancel', async () => {
  const { project, worker, asked } = await scanInHand();
  const killed = async () => {
    throw new Error('killed');
  };
  const dying = { ...scene.services, projects: { ...scene.stores.projects, users: killed } as never };
  await expect(cancel(asked, dying)).rejects.toThrow('killed');
  await finishCancels(scene.services);
  expect(await scene.stores.cancels.open()).toEqual([]);
  await look();
  expect(worker.cancelled).toEqual([]);
  expect(await scene.redis.sismember(workerKeys.projectTasks(project), worker.task)).toBe(1);
});
