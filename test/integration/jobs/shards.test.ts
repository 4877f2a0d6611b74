/** port_shards: several tasks for each address, on real servers. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import type { ScanOptions } from '../../../src/model/scanOptions.ts';
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

function optionsOf(ports: string[], port_shards: number | null): ScanOptions {
  return { ...OPTIONS, open_ports_opts: { ...OPTIONS.open_ports_opts, ports }, port_shards };
}

async function planned(project: string, network: string, options: ScanOptions): Promise<string> {
  const id = await scene.begin({ project, entries: network, options });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

async function publishAll(): Promise<void> {
  for (let job = scene.injected.shift(); job; job = scene.injected.shift())
    await runStage(publish, job.ref, scene.context);
}

const summary = async (id: string) => (await scene.stores.view.progress(id))?.summary;

it('shards send every address with every part once, each with keys and arguments of its own', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.0.0.0/24', optionsOf(['8000-8005', '80', '22'], 4));
  expect(await scene.context.projects.activeOrQueued(project)).toBe(254 * 4);
  expect((await summary(id))?.sent_to_scan).toBe(254);
  await publishAll();
  const tasks = await takeTasks(scene.vhost);
  const parts = ['22 80', '8000-8001', '8002-8003', '8004-8005'];
  const seen = tasks.map(({ task }) => `${task.ip} ${task.open_ports_str}`);
  expect(new Set(seen).size).toBe(254 * 4);
  expect(new Set(tasks.map(({ id: task }) => task)).size).toBe(254 * 4);
  expect(new Set(tasks.map(({ task }) => task.open_ports_str))).toEqual(new Set(parts));
  const one = tasks.find(({ task }) => task.open_ports_str === '22 80');
  expect(one?.task.open_ports_opts).toMatch(/ -p 22,80$/);
  expect(await scene.redis.get(workerKeys.lock(project, one?.task.ip ?? '', '22 80'))).toBe(one?.id);
  expect(await scene.redis.hget(workerKeys.task(one?.id ?? ''), 'ports')).toBe('22 80');
  // The four tasks of an address are far apart.
  const places = tasks.flatMap(({ task }, place) => (task.ip === '11.0.0.9' ? [place] : []));
  const gaps = places.slice(1).map((place, index) => place - (places[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(50);
  expect(await runStage(root, { submission: id }, scene.context)).toEqual({ targets: 254 * 4 });
  expect(await scene.context.projects.activeOrQueued(project)).toBe(254 * 4);
});

it('shards repeat their ids when a batch runs again', async () => {
  const id = await planned(randomUUID(), '11.0.0.0/28', optionsOf(['1-100'], 10));
  await runStage(publish, { submission: id, index: 0 }, scene.context);
  const first = await takeTasks(scene.vhost);
  await scene.redis.hdel(submissionKeys(id).lanes, 's0');
  expect(await runStage(publish, { submission: id, index: 0 }, scene.context)).toEqual({ tasks: 140 });
  const second = await takeTasks(scene.vhost);
  expect(second.map((task) => task.id)).toEqual(first.map((task) => task.id));
});

it('shards drop every part of an address that is excluded meanwhile', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.0.0.0/29', optionsOf(['1-4'], 2));
  const by = { id: 'u1', username: 'ann' };
  const exclusion = { entry: '11.0.0.3', by, at: new Date().toISOString(), why: 'x', until: null };
  await scene.stores.exclusions.add(project, new Map([['11.0.0.3', exclusion]]));
  expect(await runStage(publish, { submission: id, index: 0 }, scene.context)).toEqual({
    tasks: 10,
    dropped: 2,
  });
  expect((await takeTasks(scene.vhost)).map(({ task }) => task.ip)).not.toContain('11.0.0.3');
  expect(await runStage(root, { submission: id }, scene.context)).toEqual({ targets: 12 });
});

it('shards are in the way of the same ports, whole or cut, as long as they are held, and of their own parts after that', async () => {
  const project = randomUUID();
  await planned(project, '11.7.0.0/30', optionsOf(['80', '81', '82', '83'], 2));
  const refusedBy = async (options: ScanOptions) =>
    (await summary(await planned(project, '11.7.0.0/30', options)))?.refused.already_in_queue;
  expect(await refusedBy(optionsOf(['80-83'], null))).toBe(2);
  expect(await refusedBy(optionsOf(['83', '80-82'], 4))).toBe(2);
  expect(await refusedBy(optionsOf(['80-84'], 2))).toBe(0);
});

it('the parts of a sent scan stay in the way of the same cut', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.8.0.0/30', optionsOf(['80-83'], 2));
  await publishAll();
  await runStage(root, { submission: id }, scene.context);
  const again = await planned(project, '11.8.0.0/30', optionsOf(['80-83'], 2));
  expect((await summary(again))?.refused.already_in_queue).toBe(2);
  await takeTasks(scene.vhost);
});
