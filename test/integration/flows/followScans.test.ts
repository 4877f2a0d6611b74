import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { submissionKeys, UNFINISHED_KEY } from '../../../src/adapters/redis/keys.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { pause, resumePaused } from '../../../src/flows/takeBack/pause.ts';
import { Turns } from '../../../src/jobs/runner/turns.ts';
import { listSubmissions } from '../../../src/queries/submissionList.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { workOn } from '../../support/workOn.ts';

const DAY_S = 24 * 3600;
let scene: FlowScene;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const follow = () => followScans(scene.services);
const finishedAt = async (id: string) => (await scene.progress(id)).finishedAt;

it('a scan is done when all is sent, and finished when its last task has ended', async () => {
  scene.runJobs();
  const id = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(id, 'done');
  const [one, ...rest] = await takeTasks(scene.stages.vhost);
  if (!one) throw new Error('no task came');
  await workOn(scene.redis, rest);
  await follow();
  expect(await scene.progress(id)).toMatchObject({ state: 'done', finishedAt: null });
  await workOn(scene.redis, [one]);
  await follow();
  expect(await scene.progress(id)).toMatchObject({ state: 'finished', sent: 2, total: 2 });
  const at = await finishedAt(id);
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect(await scene.redis.hlen(UNFINISHED_KEY)).toBe(0);
  await follow();
  expect(await finishedAt(id)).toBe(at);
  const listed = (state: 'done' | 'finished') =>
    listSubmissions(project, { limit: 5, state }, { ...scene.stores, index: scene.stores.index });
  expect((await listed('finished')).submissions).toHaveLength(1);
  expect((await listed('done')).submissions).toEqual([]);
});

it('what is kept of it stays for as long as a task is out', async () => {
  scene.runJobs();
  const id = await scene.submit({ project, entries: '11.0.0.1' });
  await scene.untilState(id, 'done');
  const { facts, accepted, out } = submissionKeys(id);
  const ttls = () => Promise.all([facts, accepted, out].map((key) => scene.redis.ttl(key)));
  for (const key of [facts, accepted, out]) await scene.redis.expire(key, 3_600);
  await follow();
  for (const ttl of await ttls()) expect(ttl).toBeGreaterThan(DAY_S / 2);
  // The tasks of the project are the workers' keys, and no scan's.
  expect(await scene.redis.ttl(`project:${project}:task_ids`)).toBe(-1);
  for (const key of [facts, accepted, out]) await scene.redis.expire(key, 3_600);
  await workOn(scene.redis, await takeTasks(scene.stages.vhost));
  await follow();
  for (const ttl of await ttls()) expect(ttl).toBeGreaterThan(DAY_S / 2);
});

it('one that is opened again by a take-back is not finished until that has ended too', async () => {
  scene.runJobs();
  const services = { ...scene.services, turns: new Turns(scene.stores.turnStore, scene.queues.publish) };
  const id = await scene.submit({ project, entries: '11.0.0.1' });
  await scene.untilState(id, 'done');
  await pause({ project }, { since: '', by: 'ann', why: null, running: 'finish' }, services);
  await follow();
  expect(await scene.progress(id)).toMatchObject({ state: 'paused', finishedAt: null });
  await resumePaused({ project }, services);
  await scene.untilState(id, 'done');
  await follow();
  expect(await finishedAt(id)).toBeNull();
  await workOn(scene.redis, await takeTasks(scene.stages.vhost));
  await follow();
  expect(await scene.progress(id)).toMatchObject({ state: 'finished' });
});

it('a plan is not followed, and one of which nothing is kept is forgotten', async () => {
  scene.runJobs();
  const plan = await scene.submit({ project, kind: 'plan', entries: '11.0.0.1' });
  await scene.untilState(plan, 'done');
  await eventually('it has ended', async () => (await scene.redis.hlen('tasker:open')) === 0);
  expect(await scene.redis.hkeys(UNFINISHED_KEY)).toEqual([]);
  await scene.redis.hset(UNFINISHED_KEY, randomUUID(), project);
  await follow();
  expect(await scene.redis.hkeys(UNFINISHED_KEY)).toEqual([]);
});
