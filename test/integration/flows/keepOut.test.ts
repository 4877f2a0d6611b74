import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { receiptNow } from '../../../src/flows/takeBack/exclude.ts';
import { installationReceipt } from '../../../src/flows/takeBack/installationReceipts.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { TargetList } from '../../../src/queries/targetList/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { withRules } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { ruleServices } from '../../support/stageContext.ts';

let scene: FlowScene;
let file: string;
let installation: ReturnType<typeof ruleServices>;

beforeEach(async () => {
  scene = await flowScene();
  file = join(mkdtempSync(join(tmpdir(), 'excluded-')), 'list');
  writeFileSync(file, '11.9.9.9\n');
  installation = ruleServices(scene.stores, scene.stages.context, { excludedFile: file });
  Object.assign(scene.stages.context, installation);
  await look();
});
afterEach(async () => {
  rmSync(dirname(file), { recursive: true, force: true });
  await scene?.close();
});

/** What the chore does. */
const look = () => keepOut(services());
const services = () => withRules(scene);

async function exclude(project: string, entry: string): Promise<void> {
  const exclusion: Exclusion = {
    ...{ entry, by: { id: 'u', username: 'ann' }, at: new Date().toISOString() },
    ...{ why: 'a client on the phone', until: null },
  };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]));
}

const receiptOf = (project: string) => receiptNow(project, installationReceipt(project), services());
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
  expect(await scene.stores.rulesToApply.all()).toEqual([]);
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
  expect(await receiptOf(project)).toBeUndefined();
  writeFileSync(file, '11.9.9.9\n11.0.0.4/30\n');
  await eventually('four are dropped', async () => {
    await look();
    return (await states(project, id))['dropped forbidden']?.length === 4;
  });
  await ready(10);
  expect(await receiptOf(project)).toMatchObject({
    ...{ ready: 0, running: 0, holds: true },
    receipt: { of: 'installation', entries: { total: 2, listed: ['11.9.9.9', '11.0.0.4/30'] } },
  });
});

it('what runs and the installation excludes by now is on the receipt until its worker has ended it', async () => {
  scene.runJobs({}, 300);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(id, 'done');
  const tasks = await takeTasks(scene.stages.vhost);
  for (const { id: task } of tasks) await scene.redis.hset(workerKeys.tool('host'), task, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  const [first] = tasks;
  writeFileSync(file, `${first?.task.ip}\n`);
  await eventually('the receipt is open', async () => {
    await look();
    return (await receiptOf(project))?.running === 1;
  });
  const { at = '' } = (await receiptOf(project))?.receipt ?? {};
  await scene.redis.hdel(workerKeys.tool('host'), first?.id ?? '');
  const since = await eventually('nothing of it is out', async () => {
    await look();
    return (await receiptOf(project))?.receipt.since ?? undefined;
  });
  // Until then another process may have gone by the old list.
  expect(Date.parse(since ?? '') - Date.parse(at)).toBeGreaterThanOrEqual(3_000);
  expect((await receiptOf(project))?.receipt.last).toMatchObject({ task: first?.id, worker: 'host' });
  // The same list again opens no other receipt.
  await scene.redis.hset('tasker:rules-to-apply', '*', installation.rules.installationHash());
  await look();
  expect((await receiptOf(project))?.receipt.since).toBe(since);
});

it('nothing is tracked that was looked at under other rules of the installation', async () => {
  const project = randomUUID();
  const id = await scene.stages.begin({ project });
  const batch = { lane: 0, batch: 0, from: 0, to: 1, submission: id, project, user: 'u' };
  const tasks = [{ id: randomUUID(), ip: '9.9.9.9', address: 0x09090909, ports: '80', part: 0 }];
  const { batches } = scene.stores;
  expect(await batches.track({ ...batch, tasks, installation: 'before' })).toBe('other_rules');
  const now = installation.rules.installationHash();
  expect(await batches.track({ ...batch, tasks, installation: now })).toMatchObject({ aside: new Set() });
});

it('an exclusion that comes while the last one is applied is applied as well', async () => {
  const project = randomUUID();
  await exclude(project, '11.0.0.1');
  const [first] = await scene.stores.rulesToApply.all();
  await exclude(project, '11.0.0.2');
  await scene.stores.rulesToApply.applied(first?.project, first?.version);
  expect(await scene.stores.rulesToApply.all()).toEqual([{ project, version: '2' }]);
  await look();
  expect(await scene.stores.rulesToApply.all()).toEqual([]);
});
