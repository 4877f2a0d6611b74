/** A target of several tasks, one for each part of its ports: it is as far as the last of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import { TargetCounter } from '../../../src/queries/targetCounts.ts';
import { TargetList } from '../../../src/queries/targetList/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { OPTIONS, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});
afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

/** One address, two tasks, both sent. `tasks` are their ids in the order in which they were sent. */
async function sent() {
  const project = randomUUID();
  const open_ports_opts = { ...OPTIONS.open_ports_opts, ports: ['1-4'] };
  const options = { ...OPTIONS, open_ports_opts, port_shards: 2 };
  const submission = await scene.begin({ project, entries: '11.0.0.1', options });
  for (const stage of [expand, dedup, split]) await runStage(stage, { submission }, scene.context);
  await runStage(publish, { submission, index: 0 }, scene.context);
  const tasks = (await takeTasks(scene.vhost)).map(({ id }) => id);
  const [first = '', second = ''] = tasks;
  const { facts, lanes, again } = submissionKeys(submission);
  return {
    ...{ project, submission, first, second },
    /** As if no more were sent; the others are on their way. */
    onlySent: (count: number) =>
      scene.redis.multi().hset(lanes, 's0', count).hset(facts, 'sent', count).exec(),
    begin: (task: string) => scene.redis.set(workerKeys.running(task, 'w'), '{"ip":"11.0.0.1"}'),
    async end(task: string) {
      await scene.redis.srem(workerKeys.projectTasks(project), task);
      await scene.redis.del(workerKeys.task(task), workerKeys.running(task, 'w'));
    },
    /** It was taken back from RabbitMQ, or from its worker, and is to be sent again. */
    async takeBack(task: string) {
      await scene.redis.srem(workerKeys.projectTasks(project), task);
      await scene.redis.hset(again, task, '["11.0.0.1",0]');
      await scene.redis.hset(facts, 'again', 1);
    },
    stop: () => scene.redis.hset(facts, 'state', 'stopped'),
    told: () => told(project, submission),
  };
}

async function told(project: string, id: string) {
  const { targetStore, tasks } = scene.stores;
  // A look at what runs counts for a while.
  const states = new TargetStates(targetStore, new WorkerStore(scene.redis));
  const [target] = (await new TargetList(targetStore, states).page(project, id, { limit: 2 }))?.targets ?? [];
  const sending = await states.dispatchState(id);
  const counts = sending && (await new TargetCounter(states, targetStore, tasks).counts(sending));
  return { state: target?.state, task: target?.task_id, sent: counts?.sent, done: counts?.done };
}

it('it waits while a part is not sent, unless one runs', async () => {
  const scan = await sent();
  await scan.onlySent(1);
  expect(await scan.told()).toEqual({ state: 'waiting', task: null, sent: 1, done: 0 });
  await scan.begin(scan.first);
  expect(await scan.told()).toEqual({ state: 'running', task: scan.first, sent: 1, done: 0 });
  await scan.end(scan.first);
  expect(await scan.told()).toEqual({ state: 'waiting', task: null, sent: 1, done: 1 });
});

it.each([
  ['first', 'second'],
  ['second', 'first'],
] as const)('it is queued when the %s part is done, and the %s is not', async (over, open) => {
  const scan = await sent();
  expect(await scan.told()).toMatchObject({ state: 'queued', sent: 2, done: 0 });
  await scan.end(scan[over]);
  expect(await scan.told()).toEqual({ state: 'queued', task: scan[open], sent: 2, done: 1 });
  await scan.end(scan[open]);
  expect(await scan.told()).toMatchObject({ state: 'done', sent: 2, done: 2 });
});

it('it waits again when a part came back, runs until the worker has ended that, and a stop takes it', async () => {
  const scan = await sent();
  await scan.end(scan.first);
  await scan.begin(scan.second);
  await scan.takeBack(scan.second);
  expect(await scan.told()).toMatchObject({ state: 'running', task: scan.second, sent: 1, done: 1 });
  await scene.redis.del(workerKeys.running(scan.second, 'w'));
  expect(await scan.told()).toMatchObject({ state: 'waiting', sent: 1, done: 1 });
  await scan.stop();
  expect(await scan.told()).toMatchObject({ state: 'stopped', sent: 1, done: 1 });
});
