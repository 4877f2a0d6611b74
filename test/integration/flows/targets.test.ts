/** What became of each target, against real servers; the stages and the worker's writes are called by hand. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeHostnames } from '../../../src/adapters/dispatch/hostnameLists.ts';
import type { TargetStore } from '../../../src/adapters/dispatch/targetStore.ts';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { closeQueues, openQueues } from '../../../src/flows/queues.ts';
import { noteRevoked } from '../../../src/flows/stop/revoked.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { split } from '../../../src/jobs/split.ts';
import { submissionDetails } from '../../../src/queries/submissionDetails.ts';
import { TargetCounter, type TargetCounts } from '../../../src/queries/targetCounts.ts';
import { TargetList, type TargetQuery } from '../../../src/queries/targetList/targetList.ts';
import type { TargetOutcome } from '../../../src/queries/targetOutcome.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { hostnameBuckets } from '../../../src/targets/hostnameBuckets.ts';
import { encode, fromRanges, singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;
let store: TargetStore;
let queues: ReturnType<typeof openQueues>;

beforeAll(async () => {
  scene = await stageScene(createResolver());
  store = scene.stores.targetStore;
  queues = openQueues(scene.redis);
});
afterAll(async () => {
  if (queues) await closeQueues(queues);
  scene?.context.resolver.close();
  await scene?.close();
});
beforeEach(() => {
  scene.injected.length = 0;
});

/** Nothing of it is remembered from one question to the next. */
const freshStates = () => new TargetStates(store, new WorkerStore(scene.redis));

async function planned(project: string, entries: string): Promise<string> {
  const id = await scene.begin({ project, entries });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  return id;
}

const sendBatch = (id: string, index: number) => runStage(publish, { submission: id, index }, scene.context);

/** All pages, read one after the other. */
async function listed(project: string, id: string, query: Partial<TargetQuery> = {}) {
  const list = new TargetList(store, freshStates());
  const targets: TargetOutcome[] = [];
  for (let from: TargetQuery['from']; ; ) {
    const page = await list.page(project, id, { limit: 700, ...query, ...(from && { from }) });
    if (page === undefined) return undefined;
    targets.push(...page.targets);
    if (page.next === undefined) return targets;
    from = page.next;
  }
}

async function byState(project: string, id: string): Promise<Record<string, string[]>> {
  const states: Record<string, string[]> = {};
  for (const { target, state } of (await listed(project, id)) ?? []) {
    states[state] ??= [];
    states[state].push(target);
  }
  return states;
}

async function counts(project: string, id: string): Promise<TargetCounts | undefined> {
  const services = {
    view: scene.stores.view,
    states: freshStates(),
    counter: new TargetCounter(freshStates(), store, scene.context.tasks),
    queues,
  };
  return (await submissionDetails(project, id, services))?.progress;
}

/** What a worker does when it ends a task. */
async function ended(project: string, task: { id: string; task: { ip: string } }): Promise<void> {
  await scene.redis.srem(workerKeys.projectTasks(project), task.id);
  await scene.redis.srem(workerKeys.addressTasks(project, task.task.ip), task.id);
  await scene.redis.del(workerKeys.task(task.id), workerKeys.lock(project, task.task.ip, '80'));
}

describe('the way of a target', () => {
  it('goes from waiting over queued and running to done, or is stopped', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.0.0.0/21');
    const all = (await listed(project, id)) ?? [];
    expect(all.map(({ target }) => target)).toEqual(
      Array.from({ length: 2_046 }, (_, i) => `11.0.${(i + 1) >> 8}.${(i + 1) & 255}`),
    );
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['waiting']));
    expect(await counts(project, id)).toEqual({
      ...{ total: 2_046, sent: 0, done: 0, dropped: 0, stopped: 0, remaining: 2_046, failed: 0, resent: 0 },
    });

    await sendBatch(id, 0);
    await sendBatch(id, 2);
    const sent = await takeTasks(scene.vhost);
    const ips = (tasks: typeof sent) => new Set(tasks.map(({ task }) => task.ip));
    let states = await byState(project, id);
    expect(Object.keys(states).sort()).toEqual(['queued', 'waiting']);
    expect(new Set(states.queued)).toEqual(ips(sent));
    const queued = (await listed(project, id, { state: 'queued' })) ?? [];
    expect(new Map(queued.map(({ target, task_id }) => [target, task_id]))).toEqual(
      new Map(sent.map((message) => [message.task.ip, message.id])),
    );

    const [first, second, third] = [sent[0], sent[1], sent[2]];
    if (!first || !second || !third) throw new Error('nothing was sent');
    for (const { id: task } of [first, second])
      await scene.redis.rpush(`running:task:${task}:host:w`, JSON.stringify({ ip: 'x' }));
    await ended(project, third);
    states = await byState(project, id);
    expect(new Set(states.running)).toEqual(ips([first, second]));
    expect(new Set(states.done)).toEqual(ips([third]));
    expect(states.queued).toHaveLength(497);
    expect(states.waiting).toHaveLength(1_546);
    expect(await counts(project, id)).toMatchObject({ sent: 500, done: 1, remaining: 2_045, stopped: 0 });

    await scene.context.projects.stopProject(project);
    for await (const page of scene.context.tasks.tasksOut(project)) {
      await noteRevoked(project, page, store);
      await noteRevoked(project, page, store);
      await scene.context.tasks.forget(project, [], page);
    }
    await scene.context.projects.stopEnded(project);
    states = await byState(project, id);
    expect(new Set(states.done)).toEqual(ips([third]));
    expect(states.stopped).toHaveLength(2_045);
    expect(await counts(project, id)).toEqual({
      ...{ total: 2_046, sent: 500, done: 1, dropped: 0, stopped: 2_045, remaining: 0, failed: 0, resent: 0 },
    });
    expect(await scene.redis.exists(submissionKeys(id).takenBack)).toBe(1);
  });

  it('is told from that of the same address in another submission', async () => {
    const project = randomUUID();
    const first = await planned(project, '11.1.0.0/30');
    await sendBatch(first, 0);
    for (const task of await takeTasks(scene.vhost)) await ended(project, task);
    await scene.context.submissions.finish(first, project);
    const second = await planned(project, '11.1.0.0/30');
    await sendBatch(second, 0);
    expect(await byState(project, first)).toEqual({ done: ['11.1.0.1', '11.1.0.2'] });
    expect(await byState(project, second)).toEqual({ queued: ['11.1.0.1', '11.1.0.2'] });
    for await (const page of scene.context.tasks.tasksOut(project)) {
      await noteRevoked(project, page, store);
      await scene.context.tasks.forget(project, [], page);
    }
    // The first one was done with them, and the second one had sent all of them before the stop.
    expect(await byState(project, first)).toEqual({ done: ['11.1.0.1', '11.1.0.2'] });
    expect(await byState(project, second)).toEqual({ stopped: ['11.1.0.1', '11.1.0.2'] });
    expect(await counts(project, second)).toMatchObject({ done: 0, stopped: 2, remaining: 0 });
    await takeTasks(scene.vhost);
  });

  it('of a dropped one ends with its reason', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.2.0.0/29\n2400:1:2::8/126');
    const one = parseAddress('2400:1:2::9');
    const set = encode(fromRanges(one === undefined ? [] : [singleAddress(one)]));
    const detail = { rule: 'exclusion' as const, source: 'project', entry: '2400:1:2::9' };
    const dropped = [{ reason: 'forbidden' as const, detail, set, count: 1 }];
    await scene.context.batches.sent(id, {
      ...{ lane: 0, batch: 0, from: 0, to: 10, last: true, ids: [], published: 9 },
      ...{ dropped, refused: 1 },
    });
    const targets = (await listed(project, id)) ?? [];
    expect(targets.map(({ target }) => target)).toEqual([
      ...['11.2.0.1', '11.2.0.2', '11.2.0.3', '11.2.0.4', '11.2.0.5', '11.2.0.6'],
      ...['2400:1:2::8', '2400:1:2::9', '2400:1:2::a', '2400:1:2::b'],
    ]);
    expect(targets[7]).toEqual({
      ...{ target: '2400:1:2::9', hostnames: [], state: 'dropped', reason: 'forbidden', task_id: null },
    });
    expect(await listed(project, id, { reason: 'forbidden' })).toEqual([targets[7]]);
    expect(await listed(project, id, { state: 'dropped', limit: 1 })).toEqual([targets[7]]);
    expect(await counts(project, id)).toMatchObject({ sent: 10, done: 9, dropped: 1, remaining: 0 });
  });
});

describe('the list', () => {
  it('has accepted ones, then refused ones by reason, then names; and pages that join without a seam', async () => {
    const project = randomUUID();
    const busy = await planned(project, '11.3.0.0/30');
    const id = await planned(project, '11.3.0.0/29\n10.0.0.0/30\n127.0.0.1');
    await scene.redis.set(submissionKeys(id).unresolvable, 'a.test\nb.test');
    await writeHostnames(scene.redis, id, hostnameBuckets(new Map([['11.3.0.4', ['x.test', 'y.test']]]), 2));
    await scene.redis.hset(submissionKeys(id).facts, 'links', 2);
    const targets = (await listed(project, id)) ?? [];
    expect(targets.map(({ target, state, reason }) => `${target} ${state} ${reason}`)).toEqual([
      ...['11.3.0.3 waiting null', '11.3.0.4 waiting null', '11.3.0.5 waiting null', '11.3.0.6 waiting null'],
      ...['11.3.0.1 refused already_in_queue', '11.3.0.2 refused already_in_queue'],
      ...['10.0.0.1 refused private_ip', '10.0.0.2 refused private_ip', '127.0.0.1 refused private_ip'],
      ...['a.test refused unresolvable', 'b.test refused unresolvable'],
    ]);
    expect(targets[1]?.hostnames).toEqual(['x.test', 'y.test']);
    for (const limit of [1, 2, 3, 4, 5, 10, 11, 12])
      expect(await listed(project, id, { limit }), `limit ${limit}`).toEqual(targets);
    const refused = await listed(project, id, { state: 'refused', limit: 2 });
    expect(refused).toEqual(targets.slice(4));
    expect(await listed(project, id, { reason: 'private_ip' })).toEqual(targets.slice(6, 9));
    expect(await listed(project, id, { reason: 'unresolvable', limit: 1 })).toEqual(targets.slice(9));
    expect(await listed(project, id, { state: 'waiting', reason: 'private_ip' })).toEqual([]);
    expect(await listed(randomUUID(), id)).toBeUndefined();
    expect(await listed(project, randomUUID())).toBeUndefined();
    expect(await counts(randomUUID(), id)).toBeUndefined();
    expect(await counts(project, randomUUID())).toBeUndefined();
    expect(await listed(project, busy)).toHaveLength(2);
    await scene.redis.del(submissionKeys(busy).accepted);
    expect(await listed(project, busy)).toBeUndefined();
  });

  it('reads many names piece by piece', async () => {
    const project = randomUUID();
    const id = await planned(project, '11.4.0.0/30');
    const names = Array.from({ length: 20_000 }, (_, i) => `host-${i}.example.test`);
    await scene.redis.set(submissionKeys(id).unresolvable, names.join('\n'));
    const found = await listed(project, id, { reason: 'unresolvable', limit: 1_000 });
    expect(found?.map(({ target }) => target)).toEqual(names);
  });

  it('goes far into a large network, and ends a page that finds nothing', async () => {
    const project = randomUUID();
    const id = await planned(project, '12.0.0.0/8');
    await sendBatch(id, 0);
    const list = new TargetList(store, freshStates());
    const from = { section: 'accepted' as const, index: 10_000_000 };
    const far = await list.page(project, id, { from, limit: 2 });
    expect(far?.targets.map(({ target }) => target)).toEqual(['12.152.150.129', '12.152.150.130']);
    const none = await list.page(project, id, { limit: 5, state: 'stopped' });
    expect(none).toEqual({ targets: [], next: { section: 'accepted', index: 20_000 } });
    expect((await list.page(project, id, { limit: 5, state: 'refused' }))?.next).toBeUndefined();
    await takeTasks(scene.vhost);
  });
});
