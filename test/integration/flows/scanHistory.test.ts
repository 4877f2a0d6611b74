/** How a scan went, noted by a chore: few points, however long it takes and however many addresses it has. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import type { HousekeepingServices } from '../../../src/jobs/chores/chores.ts';
import { noteDispatch } from '../../../src/jobs/chores/noteDispatch.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { workOn } from '../../support/workOn.ts';

let scene: FlowScene;

beforeAll(async () => {
  scene = await flowScene();
});
afterAll(() => scene?.close());

const note = () =>
  noteDispatch.run({ ...scene.stores, broker: scene.services.broker } as HousekeepingServices);
const read = (project: string, id: string) => scene.stores.scanHistory.read(project, id);
const pointsOf = async (project: string, id: string) =>
  (await read(project, id))?.points.map(({ done, remaining }) => [done, remaining]);

/** As if the newest point were older. */
async function age(id: string, seconds: number): Promise<void> {
  const { history } = submissionKeys(id);
  const [at = 0, ...rest] = JSON.parse((await scene.redis.lindex(history, -1)) ?? '[]') as number[];
  await scene.redis.lset(history, -1, JSON.stringify([at - seconds, ...rest]));
}

it('a point comes every ten seconds from the first task to the last, and goes with the scan', async () => {
  const project = randomUUID();
  const plan = await scene.submit({ project, kind: 'plan', entries: '11.0.0.0/29' });
  const id = await scene.submit({ project, entries: '11.0.0.0/29' });
  await note();
  expect(await read(project, id)).toEqual({ everyS: 10, points: [] });
  expect(await read(project, plan)).toBeUndefined();
  expect(await read(randomUUID(), id)).toBeUndefined();
  expect(await read(project, 'unknown')).toBeUndefined();

  scene.runJobs();
  await scene.untilState(id, 'done');
  await scene.untilState(plan, 'done');
  await note();
  await note();
  expect(await pointsOf(project, id)).toEqual([[0, 6]]);
  const [first, ...rest] = await takeTasks(scene.stages.vhost);
  if (!first) throw new Error('no task came');
  await workOn(scene.redis, rest);
  // A look at what runs counts what has ended.
  await scene.stores.taskTimes.note([first.id]);
  await age(id, 10);
  await note();
  expect(await pointsOf(project, id)).toEqual([
    [0, 6],
    [5, 1],
  ]);
  const { points } = (await read(project, id)) ?? { points: [] };
  expect((points[1]?.at ?? 0) - (points[0]?.at ?? 0)).toBeGreaterThanOrEqual(10);

  await workOn(scene.redis, [first]);
  await followScans(scene.services);
  await scene.untilState(id, 'finished');
  await age(id, 10);
  await note();
  expect(await pointsOf(project, id)).toHaveLength(2);
  const { facts, history } = submissionKeys(id);
  expect(await scene.redis.pttl(history)).toBeGreaterThan(0);
  expect(Math.abs((await scene.redis.ttl(history)) - (await scene.redis.ttl(facts)))).toBeLessThan(60);
  expect(await scene.redis.exists(submissionKeys(plan).history)).toBe(0);
});

it('a long scan keeps its ends and half of the points whenever there are too many', async () => {
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.1.0.0/30' });
  scene.runJobs();
  await scene.untilState(id, 'done');
  const { history } = submissionKeys(id);
  const nowS = Number((await scene.redis.time())[0]);
  const old = Array.from({ length: 240 }, (_, i) => JSON.stringify([nowS - 2_410 + 10 * i, 0, 1_000 - i]));
  await scene.redis.rpush(history, ...old);
  await note();
  const noted = await read(project, id);
  expect(noted?.everyS).toBe(20);
  expect(noted?.points).toHaveLength(121);
  expect(noted?.points.slice(0, 3).map(({ remaining }) => remaining)).toEqual([1_000, 998, 996]);
  expect(noted?.points.at(-1)).toMatchObject({ done: 0, remaining: 2 });
  // All keys of a scan that was sent have an end, also one that is written anew.
  expect(await scene.redis.pttl(history)).toBeGreaterThan(0);

  await age(id, 12);
  await note();
  expect((await read(project, id))?.points).toHaveLength(121);
  await age(id, 8);
  await note();
  expect((await read(project, id))?.points).toHaveLength(122);
  await workOn(scene.redis, await takeTasks(scene.stages.vhost));
});

it('what was stopped gets no more points: nothing of it is done by that', async () => {
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.2.0.0/30' });
  scene.runJobs();
  await scene.untilState(id, 'done');
  await note();
  await scene.redis.hset(submissionKeys(id).facts, 'state', 'stopped');
  await age(id, 10);
  await note();
  expect(await pointsOf(project, id)).toEqual([[0, 2]]);
});
