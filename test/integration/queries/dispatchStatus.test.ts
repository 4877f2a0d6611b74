/** How the workers are shared: who sends next, and who had how much of their time. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OPEN_KEY } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import type { Priority } from '../../../src/model/submission.ts';
import { dispatchStatus } from '../../../src/queries/dispatchStatus.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { OPTIONS } from '../../support/stageContext.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

/** By project. */
async function told() {
  const { stores, services, queues } = scene;
  const { projects } = await dispatchStatus({
    ...stores,
    broker: services.broker,
    publishQueue: queues.publish,
  });
  return new Map(projects.map(({ project, ...rest }) => [project, rest]));
}

/** Waits in line: nothing is sent. */
async function inLine(project: string, priority: Priority, entries = '11.0.0.0/29'): Promise<string> {
  await scene.queues.publish.pause();
  const id = await scene.submit({ project, entries, options: { ...OPTIONS, priority } });
  await scene.untilState(id, 'dispatching');
  return id;
}

it('names the submission of each project that sends next, in the order in which they are sent', async () => {
  scene.runJobs();
  const [project, other] = [randomUUID(), randomUUID()];
  const usual = await inLine(project, 4);
  const urgent = await inLine(project, 2, '12.0.0.0/29');
  const theirs = await inLine(other, 5);
  const rest = { weight: 1, share: { minute: 0, hour: 0 }, running: 0 };
  expect(await told()).toEqual(
    new Map([
      [project, { ...rest, waiting: 12, next: urgent }],
      [other, { ...rest, waiting: 6, next: theirs }],
    ]),
  );
  // Its job is still in line, and sends nothing any more.
  await scene.redis.hdel(OPEN_KEY, urgent);
  expect((await told()).get(project)).toMatchObject({ waiting: 6, next: usual });
});

it('a project that has nothing left to send is told while workers have tasks of it', async () => {
  scene.runJobs();
  const [project, other] = [randomUUID(), randomUUID()];
  const id = await scene.submit({ project, entries: '11.0.0.0/29' });
  await scene.untilState(id, 'done');
  for (const { id: task } of (await takeTasks(scene.stages.vhost)).slice(0, 2))
    await scene.redis.hset(workerKeys.tool('host'), task, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  await scene.redis.hset(`tasker:usage:${Math.floor(Date.now() / 60_000)}`, other, 5);
  const status = await told();
  expect(status.get(project)).toMatchObject({ waiting: 0, running: 2, next: null, share: { hour: 0 } });
  expect(status.get(other)).toMatchObject({ waiting: 0, running: 0, next: null, share: { hour: 1 } });
});
