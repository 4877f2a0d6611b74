/** New exclusions are applied to all that is not done, at once, and their receipt says when nothing is out any more. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import type { Receipt } from '../../../src/adapters/scopeRules/receiptStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { applyNow } from '../../../src/flows/takeBack/exclude.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { connectedBroker } from '../../support/broker.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { withRules } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { ownerless } from '../../support/keyOwners.ts';
import { connectRabbit, SCAN_QUEUE, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let api: ApiFlows;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
  project = randomUUID();
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
});

const withBroker = (broker: Broker) => withRules(scene, broker);
/** What the chore does. */
const look = () => keepOut(withRules(scene));
const depth = () => scene.services.broker.depth();

/** As the API writes them. */
async function exclude(
  entries: string[],
  running: Receipt['running'] = 'kill',
  of = project,
): Promise<Receipt> {
  const at = new Date().toISOString();
  const receipt: Receipt = {
    ...{ id: randomUUID(), project: of, of: 'project', by: 'ann', at, running },
    ...{ entries: { total: entries.length, listed: entries }, seen: {}, last: null, since: null },
  };
  const made = entries.map((entry) => {
    const by = { id: 'u', username: 'ann' };
    return [entry, { entry, by, at, why: 'a client on the phone', until: null, id: receipt.id }] as const;
  });
  await scene.stores.exclusions.add(of, new Map(made), '', undefined, receipt);
  return receipt;
}

/** Of 14 targets ten are ready or with a worker, and four wait. */
async function underWay(entries = '11.0.0.0/28', names = 0): Promise<string> {
  scene.runJobs({}, 10);
  const id = await scene.submit({ project, entries, names });
  await eventually('ten are ready', async () => (await depth()) === 10);
  return id;
}

/** A worker takes so many of the tasks that are ready, in their order. */
async function begin(count: number): Promise<{ id: string; ip: string }[]> {
  const tasks = await takeTasks(scene.stages.vhost);
  const begun = tasks.slice(0, count).map(({ id, task: { ip } }) => ({ id, ip }));
  for (const { id } of begun) await scene.redis.hset(workerKeys.tool('host'), id, 1);
  return begun;
}

/** As a worker does when its nmap is through. */
async function end({ id, ip }: { id: string; ip: string }): Promise<void> {
  await scene.redis.hdel(workerKeys.tool('host'), id);
  await scene.redis.srem(workerKeys.projectTasks(project), id);
  await scene.redis.del(workerKeys.task(id), workerKeys.lock(project, ip, '80'));
}

it('what waits is refused, what is ready is taken out, and each is counted', async () => {
  const id = await underWay();
  const receipt = await exclude(['11.0.0.0/28']);
  expect(await api.flows.applyNow(receipt)).toEqual({ waiting: 4, ready: 10, running: 0, complete: true });
  const now = await api.flows.receipt(project, receipt.id);
  expect(now).toMatchObject({ ready: 0, running: 0, holds: true, receipt: { last: null } });
  expect(Date.parse(now?.receipt.since ?? '')).toBeGreaterThanOrEqual(Date.parse(receipt.at));
  await scene.untilState(id, 'done');
  expect(await depth()).toBe(0);
  expect(await scene.redis.scard(workerKeys.projectTasks(project))).toBe(0);
  expect(await scene.stores.receipts.unsettled()).toEqual({});
  expect(await ownerless(scene.redis)).toEqual([]);
});

it('only what the exclusions are about is counted, and the rest goes out, each once', async () => {
  const id = await underWay();
  const receipt = await exclude(['11.0.0.4/30']);
  const { waiting, ready, running } = await api.flows.applyNow(receipt);
  expect([waiting + ready, running]).toEqual([4, 0]);
  await eventually('the other ten are ready', async () => (await depth()) === 10);
  const ips = (await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip);
  expect(new Set(ips).size).toBe(10);
  await scene.untilState(id, 'done');
  expect(await depth()).toBe(0);
  expect(ips.filter((ip) => /\.[4-7]$/.test(ip))).toEqual([]);
});

it('what runs is told to end; the receipt is open until the worker has ended it, and names that task', async () => {
  scene.runJobs({}, 300);
  const scan = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(scan, 'done');
  const tasks = await begin(2);
  const excluded = tasks.find(({ ip }) => ip === '11.0.0.2') ?? { id: '', ip: '' };
  const receipt = await exclude(['11.0.0.2']);
  expect(await api.flows.applyNow(receipt)).toEqual({ waiting: 0, ready: 0, running: 1, complete: true });
  // The worker ignores it.
  await look();
  await look();
  expect(await api.flows.receipt(project, receipt.id)).toMatchObject({
    ...{ ready: 0, running: 1, receipt: { since: null, last: null } },
  });
  expect(await scene.redis.smembers(workerKeys.projectTasks(project))).not.toContain(excluded.id);
  expect([...(await scene.stores.recalls.all()).keys()]).toEqual([excluded.id]);
  await end(excluded);
  const { receipt: over } = (await api.flows.receipt(project, receipt.id)) ?? {};
  expect(over).toMatchObject({ last: { task: excluded.id, ip: '11.0.0.2', worker: 'host' } });
  expect(over?.since).toBe(over?.last?.ended_at);
  // What was said once stays.
  await look();
  expect((await api.flows.receipt(project, receipt.id))?.receipt).toEqual(over);
});

it('what runs may finish, also when a later exclusion ends other tasks', async () => {
  scene.runJobs({}, 300);
  const scan = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(scan, 'done');
  const tasks = await begin(2);
  const [one, two] = ['11.0.0.1', '11.0.0.2'].map((ip) =>
    tasks.find((task) => task.ip === ip),
  ) as typeof tasks;
  const finishing = await exclude(['11.0.0.1'], 'finish');
  expect(await api.flows.applyNow(finishing)).toMatchObject({ running: 1, complete: true });
  await look();
  const ending = await exclude(['11.0.0.2']);
  expect(await api.flows.applyNow(ending)).toMatchObject({ running: 1 });
  await look();
  expect(await scene.redis.smembers(workerKeys.projectTasks(project))).toEqual([one?.id]);
  const recalls = [...(await scene.stores.recalls.all())];
  const ended = recalls.filter(([, { finishing }]) => finishing === undefined);
  expect(ended.map(([id]) => id)).toEqual([two?.id]);
  expect((await api.flows.receipt(project, finishing.id))?.running).toBe(1);
  await end(one ?? { id: '', ip: '' });
  expect((await api.flows.receipt(project, finishing.id))?.receipt).toMatchObject({
    last: { task: one?.id, ip: '11.0.0.1' },
  });
});

it('what may finish, and is given back by its worker, is taken out', async () => {
  scene.runJobs({}, 300);
  const scan = await scene.submit({ project, entries: '11.0.0.1' });
  await scene.untilState(scan, 'done');
  const worker = await connectRabbit(scene.stages.vhost);
  const channel = await worker.createChannel();
  const id = await new Promise<string>((resolve) => {
    void channel.consume(SCAN_QUEUE, (message) => resolve(String(message?.properties.headers?.id)));
  });
  await scene.redis.hset(workerKeys.tool('host'), id, 1);
  const receipt = await exclude(['11.0.0.1'], 'finish');
  expect(await api.flows.applyNow(receipt)).toMatchObject({ ready: 0, running: 1 });
  expect((await scene.stores.recalls.all()).get(id), 'no other worker begins it').toMatchObject({
    finishing: project,
  });
  await worker.close();
  await scene.redis.hdel(workerKeys.tool('host'), id);
  expect(await depth()).toBe(1);
  await eventually('nothing of it is out', async () => {
    await look();
    return (await scene.stores.receipts.find(project, receipt.id))?.since !== null;
  });
  expect(await depth()).toBe(0);
});

it('what has come back and waits to be sent again is counted as waiting, as far as it is about it', async () => {
  const id = await underWay();
  await api.flows.pause(
    { project, submission: id },
    { since: new Date().toISOString(), by: 'ann', why: null, running: 'finish' },
  );
  expect(await scene.stores.again.count(id)).toBe(10);
  const receipt = await exclude(['11.0.0.4/30']);
  expect(await api.flows.applyNow(receipt)).toEqual({ waiting: 4, ready: 0, running: 0, complete: true });
});

it('an exclusion that is written while tasks are made ready keeps them from going out', async () => {
  const { track } = scene.stores.batches;
  const rules = await scene.stores.exclusions.version(project);
  const id = await scene.stages.begin({ project });
  await exclude(['9.9.9.9']);
  const batch = { lane: 0, batch: 0, from: 0, to: 1, submission: id, project, user: 'u' };
  const tasks = [{ id: randomUUID(), ip: '9.9.9.9', address: 0x09090909, ports: '80', part: 0 }];
  expect(await track.call(scene.stores.batches, { ...batch, tasks, rules })).toBe('other_rules');
  expect(await scene.redis.exists(workerKeys.projectTasks(project))).toBe(0);
  const now = await scene.stores.exclusions.version(project);
  expect(await track.call(scene.stores.batches, { ...batch, tasks, rules: now })).toEqual({
    publishable: new Set([tasks[0]?.id]),
    aside: new Set(),
  });
});

it('while RabbitMQ is away it holds at once, and is done when it answers', async () => {
  await underWay();
  const away = await connectedBroker(scene.stages.vhost);
  await away.close();
  const receipt = await exclude(['11.0.0.0/28']);
  expect(await applyNow(receipt, withBroker(away))).toEqual({
    ...{ waiting: 4, ready: 10, running: 0, complete: false },
  });
  await keepOut(withBroker(away));
  expect(await api.flows.receipt(project, receipt.id)).toMatchObject({
    ...{ ready: 10, receipt: { since: null } },
  });
  await look();
  await eventually('the receipt is closed', async () => {
    await look();
    return (await scene.stores.receipts.find(project, receipt.id))?.since !== null;
  });
  expect(await depth()).toBe(0);
});

describe('exclusions may be names', () => {
  let dns: DnsServer;
  beforeEach(async () => {
    await api.close();
    await scene.close();
    dns = await startDnsServer({ zone: ['11.0.0.2 db.example.test', '11.0.0.3 shop.example.test'] });
    const servers = [`${dns.address}:${dns.port}`];
    scene = await flowScene(createResolver({ servers, hostsFile: '/nowhere/hosts' }));
    api = await apiFlows(scene);
    await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  });
  afterEach(() => dns?.stop());

  it('also such that no submission has: what they lead to is taken out and ended', async () => {
    scene.runJobs({}, 300);
    const scan = await scene.submit({ project, entries: '11.0.0.0/29' });
    await scene.untilState(scan, 'done');
    const receipt = await exclude(['db.example.test']);
    expect(await api.flows.applyNow(receipt)).toMatchObject({ ready: 1, running: 0, complete: true });
    await eventually('five are ready', async () => (await depth()) === 5);
    const [task = { id: '', ip: '' }] = (await begin(5)).filter(({ ip }) => ip === '11.0.0.3');
    const other = await exclude(['shop.example.test']);
    expect(await api.flows.applyNow(other)).toMatchObject({ ready: 0, running: 1 });
    expect((await api.flows.receipt(project, receipt.id))?.receipt.since).not.toBeNull();
    expect((await api.flows.receipt(project, other.id))?.receipt.since).toBeNull();
    await end(task);
    expect((await api.flows.receipt(project, other.id))?.receipt.last?.ip).toBe('11.0.0.3');
  });

  it('one that does not resolve could be anything: its receipt stays open, and nothing is sent', async () => {
    scene.runJobs({}, 300);
    const scan = await scene.submit({ project, entries: '11.0.0.1' });
    await scene.untilState(scan, 'done');
    await begin(1);
    const receipt = await exclude(['gone.example.test']);
    await api.flows.applyNow(receipt);
    expect(await api.flows.receipt(project, receipt.id)).toMatchObject({
      ...{ running: 1, receipt: { since: null } },
    });
    expect(await scene.redis.scard(workerKeys.projectTasks(project))).toBe(1);
  });
});

it('a receipt is of one project, and ends with its exclusions', async () => {
  const receipt = await exclude(['11.0.0.1']);
  expect(await api.flows.receipt(randomUUID(), receipt.id)).toBeUndefined();
  expect(await api.flows.receipt(project, receipt.id)).toMatchObject({ holds: true });
  await scene.stores.exclusions.remove(project, ['11.0.0.1']);
  expect(await api.flows.receipt(project, receipt.id)).toMatchObject({ holds: false });
  const open = await exclude(['11.0.0.2']);
  await scene.stores.exclusions.remove(project, ['11.0.0.2']);
  await look();
  expect(await scene.stores.receipts.unsettled()).toEqual({});
  expect((await scene.stores.receipts.find(project, open.id))?.since).toBeNull();
});

it('a task of which nothing tells the submission is judged by the addresses alone', async () => {
  const task = randomUUID();
  await scene.redis.sadd(workerKeys.projectTasks(project), task);
  await scene.redis.hset(workerKeys.task(task), 'ip', '11.0.0.1', 'ports', '80');
  // Its worker deleted it between two reads: it has ended.
  await scene.redis.sadd(workerKeys.projectTasks(project), randomUUID());
  const receipt = await exclude(['11.0.0.0/30', 'localhost.invalid']);
  expect(await api.flows.receipt(project, receipt.id)).toMatchObject({ ready: 1, running: 0 });
});

it('the oldest receipts go when there are too many', async () => {
  const first = await exclude(['11.0.0.1']);
  const fields = Array.from({ length: 1_000 }, (_, index) => [
    randomUUID(),
    JSON.stringify({ at: new Date(Date.now() + index).toISOString() }),
  ]);
  await scene.redis.hset(`tasker:project:${project}:receipts`, ...fields.flat());
  const last = await exclude(['11.0.0.2']);
  expect(await scene.redis.hlen(`tasker:project:${project}:receipts`)).toBe(902);
  expect(await scene.stores.receipts.find(project, first.id)).toBeUndefined();
  expect(await scene.stores.receipts.unsettled()).not.toHaveProperty(first.id);
  // Of the same moment as many that are older or newer: it may be among those that went.
  expect([undefined, last.id]).toContain((await scene.stores.receipts.find(project, last.id))?.id);
});

it("of a large scan all batches are counted, and what is still planned or another project's is not", async () => {
  await underWay('11.0.0.0/22');
  await scene.stages.begin({ project, entries: '11.0.0.0/24' });
  const [sample] = await takeTasks(scene.stages.vhost);
  await exclude(['11.0.0.0/8'], 'kill', randomUUID());
  const receipt = await exclude(['11.0.0.0/23', sample?.task.ip ?? '']);
  const { waiting, ready } = await api.flows.applyNow(receipt);
  expect(waiting + ready).toBeGreaterThan(500);
  expect(waiting + ready).toBeLessThanOrEqual(513);
});

it('of a few targets of a large scan those that were sent are not counted as waiting', async () => {
  scene.runJobs({}, 300);
  await scene.submit({ project, entries: '11.0.0.0/22' });
  await eventually('300 are ready', async () => (await depth()) === 300);
  const ips = (await takeTasks(scene.stages.vhost)).map(({ task }) => task.ip);
  const [one = '', two = ''] = ips;
  await exclude([one, two]).then((receipt) =>
    expect(api.flows.applyNow(receipt)).resolves.toMatchObject({ waiting: 0 }),
  );
});

it('exclusions that are gone before they are applied change nothing, and lost receipts are left', async () => {
  const receipt = await exclude(['11.0.0.1']);
  await scene.stores.exclusions.remove(project, ['11.0.0.1']);
  const nothing = { waiting: 0, ready: 0, running: 0, complete: true };
  expect(await api.flows.applyNow(receipt)).toEqual(nothing);
  await scene.redis.hset('tasker:open-receipts', randomUUID(), project);
  await look();
  expect(await scene.stores.receipts.unsettled()).toEqual({});
});

it('what stays in RabbitMQ while a receipt is open is taken out once more', async () => {
  const task = randomUUID();
  await scene.redis.sadd(workerKeys.projectTasks(project), task);
  await scene.redis.hset(workerKeys.task(task), 'ip', '11.0.0.1', 'ports', '80');
  const receipt = await exclude(['11.0.0.1']);
  await api.flows.applyNow(receipt);
  expect(await scene.stores.rulesToApply.all()).toEqual([]);
  const kept = (await scene.stores.receipts.find(project, receipt.id)) ?? receipt;
  await scene.stores.receipts.save({ ...kept, at: new Date(0).toISOString(), nextLookMs: 0 });
  await look();
  expect(await scene.stores.rulesToApply.all()).toMatchObject([{ project }]);
});

it("a task of which nothing is kept, or that has no address, is nobody's to end", async () => {
  scene.runJobs({}, 300);
  const scan = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(scan, 'done');
  const [one, two] = await begin(2);
  await scene.redis.hset(workerKeys.task(one?.id ?? ''), 'ip', 'nonsense');
  await scene.redis.hset(workerKeys.task(two?.id ?? ''), 'submission', randomUUID());
  await scene.redis.hset('tasker:rules-to-apply', project, 1);
  await look();
  expect(await scene.redis.scard(workerKeys.projectTasks(project))).toBe(2);
});
