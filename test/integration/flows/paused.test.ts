import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { UNKNOWN_PROJECTS_KEY } from '../../../src/adapters/redis/keys.ts';
import { pausedQueues } from '../../../src/flows/queues.ts';
import type { StageName } from '../../../src/model/submission.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const pause = (...names: StageName[]) => Promise.all(names.map((name) => scene.queues[name].pause()));
const resume = (...names: StageName[]) => Promise.all(names.map((name) => scene.queues[name].resume()));
const paused = async (id: string) => (await scene.progress(id)).paused;
const jobIs = (stage: StageName, id: string, state: string) =>
  eventually(
    `${stage} is ${state}`,
    async () => (await scene.queues[stage].getJobState(`${id}-${stage}`)) === state,
  );

it('a submission names the paused queues that it still has to go through', async () => {
  scene.runJobs({ resolve: { run: async () => ({}) } });
  await pause('expand', 'dedup');
  const id = await scene.submit({ entries: '11.6.0.1', names: 0 });
  expect(await paused(id)).toBe('the queues expand, dedup are paused on the board');
  expect(await pausedQueues(Object.values(scene.queues))).toEqual(['expand', 'dedup']);

  await resume('expand');
  await jobIs('expand', id, 'completed');
  await pause('expand', 'resolve');
  await jobIs('dedup', id, 'waiting');
  expect(await paused(id)).toBe('the queue dedup is paused on the board');

  await pause('publish');
  await resume('dedup');
  await scene.untilState(id, 'dispatching');
  await pause('dedup');
  expect(await paused(id)).toBe('the queue publish is paused on the board');

  await resume('publish');
  await scene.untilState(id, 'done');
  await pause('submission');
  expect(await paused(id)).toBeNull();
});

it('a paused look-up matters to those that have names, and a paused publish to no plan', async () => {
  await pause('resolve', 'publish');
  const [address, name, plan] = await Promise.all([
    scene.submit({ entries: '11.6.0.2' }),
    scene.submit({ entries: 'a.test', names: 1 }),
    scene.submit({ entries: 'a.test', names: 1, kind: 'plan' }),
  ]);
  expect(await paused(address)).toBe('the queue publish is paused on the board');
  expect(await paused(name)).toBe('the queues resolve, publish are paused on the board');
  expect(await paused(plan)).toBe('the queue resolve is paused on the board');
});

it('a submission says that its project is not known any more, and since when', async () => {
  const project = randomUUID();
  const id = await scene.submit({ project });
  const other = await scene.submit({ project: randomUUID() });
  await scene.redis.hset(UNKNOWN_PROJECTS_KEY, project, '2026-11-02T09:30:00.000Z');
  expect(await paused(id)).toBe(
    "the project is not known to the users' store since 2026-11-02T09:30:00.000Z",
  );
  expect(await paused(other)).toBeNull();
});

it('the log says once that a queue is paused, and once more when it was resumed in between', async () => {
  const told = () => scene.lines.filter((line) => line.includes('the queue is paused')).length;
  await pause('split');
  await scene.resumeFlows();
  await scene.resumeFlows();
  expect(told()).toBe(1);
  await resume('split');
  await scene.resumeFlows();
  await pause('split');
  await scene.resumeFlows();
  expect(told()).toBe(2);
});
