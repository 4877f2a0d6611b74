/** Targets are taken out of scans that were submitted before: by `exclude`, and by cancel-targets. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { type TakenOut, type TakeOut, takeOut } from '../../../src/flows/takeBack/takeOut.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { connectedBroker } from '../../support/broker.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { withRules } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { ownerless } from '../../support/keyOwners.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let dns: DnsServer;
let scene: FlowScene;
let api: ApiFlows;
let project: string;

beforeEach(async () => {
  dns = await startDnsServer({ zone: ['11.0.0.2 db.example.test', '11.0.0.3 shop.example.test'] });
  const servers = [`${dns.address}:${dns.port}`];
  scene = await flowScene(createResolver({ servers, hostsFile: '/nowhere/hosts' }));
  api = await apiFlows(scene);
  project = randomUUID();
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
  await dns?.stop();
});

const withBroker = (broker: Broker) => withRules(scene, broker);
const look = () => keepOut(withRules(scene));
const depth = () => scene.services.broker.depth();
const asked = (entries: string[], more: Partial<TakeOut> = {}): TakeOut => {
  return { project, how: 'cancelled', by: 'ann', entries, running: 'kill', ...more };
};
async function taken(entries: string[], more: Partial<TakeOut> = {}): Promise<TakenOut> {
  const done = await api.flows.takeOut(asked(entries, more));
  if (typeof done === 'string') throw new Error(done);
  return done;
}
const explained = async (ip: string) => {
  const range = singleAddress(parseAddress(ip) ?? 0);
  const signal = new AbortController().signal;
  return (await api.queries.explain(project, { range }, undefined, signal)).explanations[0]?.addresses[0];
};

/** Of 14 targets ten are ready, and four wait. */
async function underWay(
  entries = '11.0.0.0/28',
  more: { project?: string; names?: number } = {},
): Promise<string> {
  scene.runJobs({}, 10);
  const id = await scene.submit({ project, entries, ...more });
  await eventually('ten are ready', async () => (await depth()) === 10);
  return id;
}

async function begin(count: number): Promise<{ id: string; ip: string }[]> {
  const tasks = await takeTasks(scene.stages.vhost);
  const begun = tasks.slice(0, count).map(({ id, task: { ip } }) => ({ id, ip }));
  for (const { id } of begun) await scene.redis.hset(workerKeys.tool('host'), id, 1);
  return begun;
}

it('what waits is struck out, what is ready is taken out; who and when is told at once', async () => {
  const id = await underWay();
  const done = await taken(['11.0.0.4/30', '11.0.0.1', '12.0.0.1']);
  expect(done).toMatchObject({
    running: 0,
    done: 0,
    submissions: 1,
    complete: true,
    unmatched: ['12.0.0.1'],
  });
  expect(done.waiting + done.ready).toBe(5);
  expect(await explained('11.0.0.5')).toMatchObject({
    refusal: {
      reason: 'forbidden',
      detail: { rule: 'cancelled', source: `ann, ${done.receipt?.at}`, entry: '11.0.0.4/30' },
    },
  });
  await eventually('the other nine are ready', async () => (await depth()) === 9);
  const ips = (await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip);
  expect(ips.filter((ip) => /\.([14567])$/.test(ip))).toEqual([]);
  await scene.untilState(id, 'done');
  expect(await explained('11.0.0.5')).toMatchObject({
    state: 'dropped',
    refusal: { detail: { rule: 'cancelled', source: `ann, ${done.receipt?.at}` } },
  });
  expect((await api.flows.receipt(project, done.receipt?.id ?? ''))?.receipt.since).not.toBeNull();
  expect((await api.queries.submissionDetails(project, id))?.taken_out).toMatchObject([
    { how: 'cancelled', by: 'ann', entries: ['11.0.0.4/30', '11.0.0.1', '12.0.0.1'] },
  ]);
  expect(await ownerless(scene.redis)).toEqual([]);
});

it('what runs is ended, what was done stays done, also when all of the scan was sent', async () => {
  scene.runJobs({}, 300);
  const id = await scene.submit({ project, entries: '11.0.0.0/29' });
  await scene.untilState(id, 'done');
  const tasks = await begin(6);
  const [over, runs] = ['11.0.0.1', '11.0.0.2'].map((ip) => tasks.find((task) => task.ip === ip));
  await scene.redis.hdel(workerKeys.tool('host'), over?.id ?? '');
  await scene.redis.srem(workerKeys.projectTasks(project), over?.id ?? '');
  await scene.redis.set(
    `running:task:${runs?.id}:host:host`,
    JSON.stringify({ ip: '11.0.0.2', hostnames: [] }),
  );
  const done = await taken(['11.0.0.1-11.0.0.2'], { submission: id });
  expect(done).toMatchObject({ waiting: 0, ready: 0, running: 1, done: 1, complete: true, unmatched: [] });
  expect([...(await scene.stores.recalls.all()).keys()]).toEqual([runs?.id]);
  await scene.untilState(id, 'done');
  // Its worker ignores that.
  expect((await explained('11.0.0.2'))?.state).toBe('running');
  expect(await explained('11.0.0.1')).toMatchObject({ state: 'done' });
  const receipt = done.receipt?.id ?? '';
  expect(await api.flows.receipt(project, receipt)).toMatchObject({ running: 1, receipt: { since: null } });
  await scene.redis.hdel(workerKeys.tool('host'), runs?.id ?? '');
  await look();
  expect((await api.flows.receipt(project, receipt))?.receipt).toMatchObject({
    since: expect.any(String),
    last: { ip: '11.0.0.2', worker: 'host' },
  });
});

it('a name stands for the targets that it leads to', async () => {
  scene.runJobs({}, 300);
  const id = await scene.submit({
    ...{ project, entries: 'db.example.test\nshop.example.test\n11.0.0.9', names: 2 },
  });
  await scene.untilState(id, 'done');
  const done = await taken(['db.example.test', '*.example.test', 'gone.example.test']);
  expect(done).toMatchObject({ ready: 2, unmatched: ['gone.example.test'] });
  await eventually('one is ready', async () => (await depth()) === 1);
  // Also to one that is a target by itself, and that no name of the scan leads to.
  const other = await scene.submit({ project, entries: '11.0.0.2\n11.0.0.4' });
  await scene.untilState(other, 'done');
  expect(await taken(['db.example.test'], { submission: other })).toMatchObject({ ready: 1, unmatched: [] });
});

it('entries that match nothing are named, and nothing is done', async () => {
  const id = await underWay();
  expect(await taken(['12.0.0.0/8', 'gone.example.test'], { submission: id })).toEqual({
    ...{ receipt: undefined, waiting: 0, ready: 0, running: 0, done: 0, submissions: 0, complete: true },
    unmatched: ['12.0.0.0/8', 'gone.example.test'],
  });
  expect(await depth()).toBe(10);
  expect(await scene.stores.plans.later(id)).toEqual([]);
});

it('only one scan is meant, or all of the project, and never one of another project', async () => {
  const id = await underWay('11.0.0.0/28');
  const theirs = await scene.submit({ project: randomUUID(), entries: '11.0.0.0/29' });
  expect(await api.flows.takeOut(asked(['11.0.0.1'], { submission: theirs }))).toBe('unknown');
  expect(await api.flows.takeOut(asked(['11.0.0.1'], { submission: randomUUID() }))).toBe('unknown');
  const other = await scene.submit({ project, entries: '13.0.0.0/29' });
  await eventually('it is planned', async () => (await scene.progress(other)).state !== 'planning');
  expect(await taken(['11.0.0.0/28', '13.0.0.0/29'], { submission: other })).toMatchObject({
    ...{ submissions: 1, unmatched: ['11.0.0.0/28'] },
  });
  expect(await scene.stores.plans.later(id)).toEqual([]);
  expect(await taken(['11.0.0.0/28'])).toMatchObject({ submissions: 1, unmatched: [] });
  expect(await scene.stores.plans.later(theirs)).toEqual([]);
  // Of one that is through nothing can be excluded any more.
  await takeTasks(scene.stages.vhost);
  await scene.untilState(id, 'done');
  await scene.redis.del(workerKeys.projectTasks(project));
  expect(await api.flows.takeOut(asked(['11.0.0.1'], { submission: id, how: 'excluded' }))).toBe('ended');
  expect(await taken(['11.0.0.1'], { submission: id })).toMatchObject({ submissions: 0 });
});

it('a scan excludes more, and what runs may finish', async () => {
  const id = await underWay();
  const [task] = await begin(1);
  const done = await taken([task?.ip ?? ''], { submission: id, how: 'excluded', running: 'finish' });
  expect(done).toMatchObject({ waiting: 0, ready: 0, running: 1 });
  await look();
  expect(await scene.redis.sismember(workerKeys.projectTasks(project), task?.id ?? '')).toBe(1);
  const more = await taken(['11.0.0.0/28'], { submission: id, how: 'excluded' });
  expect(more.running).toBe(1);
  expect(await scene.redis.sismember(workerKeys.projectTasks(project), task?.id ?? '')).toBe(0);
  await scene.untilState(id, 'done');
  expect(await depth()).toBe(0);
  const waiting = (await api.queries.targets(project, id, { limit: 50, reason: 'forbidden' }))?.targets ?? [];
  expect(waiting.length).toBeGreaterThan(0);
  const one = waiting.find(({ target }) => target !== task?.ip);
  expect(await explained(one?.target ?? '')).toMatchObject({
    refusal: { detail: { rule: 'exclusion', source: `request: ann, ${more.receipt?.at}` } },
  });
});

it('of entries that overlap each has its targets, and a name only those of them that are scanned', async () => {
  scene.runJobs({}, 300);
  const names = ['db.example.test', 'shop.example.test', 'gone.example.test'];
  const entries = [...names, '11.0.0.8/29'].join('\n');
  const id = await scene.submit({ project, entries, names: 3, exclude: ['11.0.0.3'] });
  await scene.untilState(id, 'done');
  const asked = ['11.0.0.8/30', '11.0.0.9', '11.0.0.2', 'db.example.test', ...names.slice(1)];
  expect(await taken(asked, { submission: id })).toMatchObject({
    ...{ ready: 4, unmatched: ['shop.example.test', 'gone.example.test'] },
  });
});

it('a name that does not resolve is refused before anything is written', async () => {
  const id = await underWay();
  const gone = asked(['gone.example.test'], { submission: id, how: 'excluded' });
  await expect(api.flows.takeOut(gone)).rejects.toThrow('gone.example.test (nxdomain) [request]');
  expect(await scene.stores.plans.later(id)).toEqual([]);
});

it('what comes while a scan is planned holds for its plan', async () => {
  const id = await scene.submit({ project, entries: '11.0.0.0/29' });
  expect(await taken(['11.0.0.1'])).toMatchObject({ submissions: 1, waiting: 0 });
  scene.runJobs({}, 300);
  const { summary } = await scene.untilState(id, 'done');
  expect(summary).toMatchObject({ sent_to_scan: 5, refused: { forbidden: 1 } });
  expect(await explained('11.0.0.1')).toMatchObject({
    state: 'refused',
    refusal: { detail: { rule: 'cancelled', entry: '11.0.0.1' } },
  });
});

it('a part that was made ready before does not go out', async () => {
  const { stages, stores } = scene;
  const id = await stages.begin({ project });
  const batch = { lane: 0, batch: 0, from: 0, to: 1, submission: id, project, user: 'u' };
  const tasks = [{ id: randomUUID(), ip: '9.9.9.9', address: 0x09090909, ports: '80', part: 0 }];
  await taken(['9.9.9.9']);
  expect(await stores.batches.track({ ...batch, tasks, later: 0 })).toBe('other_rules');
  expect(await stores.batches.track({ ...batch, tasks, later: 1 })).toEqual({
    publishable: new Set([tasks[0]?.id]),
    aside: new Set(),
  });
});

it('while RabbitMQ is away it holds at once, and is done when it answers', async () => {
  await underWay();
  const away = await connectedBroker(scene.stages.vhost);
  await away.close();
  const done = (await takeOut(asked(['11.0.0.0/28']), withBroker(away))) as TakenOut;
  expect(done).toMatchObject({ waiting: 4, ready: 10, running: 0, complete: false });
  expect(await depth()).toBe(10);
  await look();
  await eventually('the receipt is closed', async () => {
    await look();
    return (await api.flows.receipt(project, done.receipt?.id ?? ''))?.receipt.since !== null;
  });
  expect(await depth()).toBe(0);
});

it('too much for one scan is refused, and nothing is written', async () => {
  const id = await underWay();
  await scene.redis.set(`tasker:submission:${id}:later`, `[${'"x",'.repeat(262_140)}"x"]`);
  const list = { id: randomUUID(), how: 'cancelled', by: 'ann', at: '', entries: ['11.0.0.1'] } as const;
  const { receipt } = { receipt: { id: list.id, project } as never };
  expect(await scene.stores.later.add([id], list, receipt)).toBe('full');
  expect(await api.flows.takeOut(asked(['11.0.0.2'], { submission: id }))).toBe('full');
  expect(await depth()).toBe(10);
  expect(await scene.stores.receipts.unsettled()).toEqual({});
  expect(await scene.redis.hget(`tasker:submission:${id}`, 'later')).toBeNull();
});

it('a pattern stands for the names below it, and is named when there are none', async () => {
  scene.runJobs({}, 300);
  const id = await scene.submit({ project, entries: '11.0.0.9\ndb.example.test', names: 1 });
  await scene.untilState(id, 'done');
  const done = await taken(['*.example.test', '*.example.org'], { how: 'excluded', submission: id });
  expect(done).toMatchObject({ ready: 1, waiting: 0, unmatched: ['*.example.org'] });
  await eventually('the other one is ready', async () => (await depth()) === 1);
  expect((await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip)).toEqual(['11.0.0.9']);
});
