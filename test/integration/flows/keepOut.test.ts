import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { Turns } from '../../../src/jobs/runner/turns.ts';
import { TargetList } from '../../../src/queries/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let hash: string;

beforeEach(async () => {
  scene = await flowScene();
  hash = 'rules of the installation';
  await look();
});
afterEach(() => scene?.close());

/** What the chore does. */
const look = () =>
  keepOut({
    ...scene.services,
    turns: new Turns(scene.stores.turnStore, scene.queues.publish),
    scopeCache: scene.stages.context.scopeCache,
    installationHash: () => hash,
  });

async function exclude(project: string, entry: string): Promise<void> {
  const exclusion: Exclusion = {
    ...{ entry, by: { id: 'u', username: 'ann' }, at: new Date().toISOString() },
    ...{ why: 'a client on the phone', until: null },
  };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]));
}

const depth = () => scene.services.broker.depth();
const ready = (count: number) => eventually(`${count} are ready`, async () => (await depth()) === count);

async function states(project: string, id: string): Promise<Record<string, string[]>> {
  const { targetStore, workers } = scene.stores;
  const list = new TargetList(targetStore, new TargetStates(targetStore, workers));
  const page = await list.page(project, id, { limit: 300 });
  const found: Record<string, string[]> = {};
  for (const { state, reason, target } of page?.targets ?? []) {
    const words = reason === null ? state : `${state} ${reason}`;
    found[words] = [...(found[words] ?? []), target];
  }
  return found;
}

it('what is ready and excluded by now is dropped, the rest is sent again, each once', async () => {
  scene.runJobs({}, 300);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await scene.untilState(id, 'done');
  await exclude(project, '11.0.0.4/30');
  await look();
  await scene.untilState(id, 'done');
  await ready(10);
  const ips = (await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip);
  expect(new Set(ips).size).toBe(10);
  for (const ip of ['11.0.0.4', '11.0.0.5', '11.0.0.6', '11.0.0.7']) expect(ips).not.toContain(ip);
  const found = await states(project, id);
  expect(found['dropped forbidden']).toEqual(['11.0.0.4', '11.0.0.5', '11.0.0.6', '11.0.0.7']);
  expect(found.queued).toHaveLength(10);
  // Nothing has changed since then: nothing is touched.
  expect(await scene.stores.exclusions.toApply()).toEqual([]);
});

it('what runs and is excluded by now is ended, what is not goes on', async () => {
  scene.runJobs({}, 300);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(id, 'done');
  const tasks = await takeTasks(scene.stages.vhost);
  for (const { id: task } of tasks) await scene.redis.hset(workerKeys.tool('host'), task, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  await exclude(project, '11.0.0.2');
  await look();
  const ended = tasks.find(({ task }) => task.ip === '11.0.0.2')?.id ?? '';
  const goesOn = tasks.find(({ task }) => task.ip === '11.0.0.1')?.id ?? '';
  expect(await scene.redis.smembers(workerKeys.projectTasks(project))).toEqual([goesOn]);
  expect(scene.lines.join()).toContain(ended);
  // Should the worker vanish, RabbitMQ must not hand the task to another one.
  expect([...(await scene.stores.recalls.all()).keys()]).toEqual([ended]);
  await scene.untilState(id, 'done');
  expect(await states(project, id)).toMatchObject({ 'dropped forbidden': ['11.0.0.2'] });
  expect(await depth()).toBe(0);
});

it('rules of the installation that have changed are applied to all projects', async () => {
  scene.runJobs({}, 300);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await scene.untilState(id, 'done');
  await look();
  expect(await depth()).toBe(14);
  expect((await scene.progress(id)).state).toBe('done');
  hash = 'others';
  await look();
  expect((await scene.redis.hget(`tasker:submission:${id}`, 'reopened')) ?? '1').toBe('1');
  await scene.untilState(id, 'done');
  await ready(14);
});

it('an exclusion that comes while the last one is applied is applied as well', async () => {
  const project = randomUUID();
  await exclude(project, '11.0.0.1');
  const [first] = await scene.stores.exclusions.toApply();
  await exclude(project, '11.0.0.2');
  await scene.stores.exclusions.applied(first?.project, first?.version);
  expect(await scene.stores.exclusions.toApply()).toEqual([{ project, version: '2' }]);
  await look();
  expect(await scene.stores.exclusions.toApply()).toEqual([]);
});
