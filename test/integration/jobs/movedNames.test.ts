/** Names that tell other addresses each time, sent long after they were planned; asked of a real DNS server. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TargetStore } from '../../../src/adapters/dispatch/targetStore.ts';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { noteRevoked } from '../../../src/flows/stop/revoked.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import type { Asked } from '../../../src/queries/explain/asked.ts';
import { explain } from '../../../src/queries/explain/explain.ts';
import { TargetCounter } from '../../../src/queries/targetCounts.ts';
import { TargetList, type TargetQuery } from '../../../src/queries/targetList/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { type Behaviour, type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { OPTIONS, ruleServices, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const pool = (name: string, count: number, first = 1) =>
  Array.from({ length: count }, (_, i) => `11.0.0.${first + i} ${name}`);
const FOUR = pool('four.test', 4);
const TWELVE = pool('twelve.test', 12, 21);
let dns: DnsServer;
let scene: StageScene;
let store: TargetStore;
const behaviours: Record<string, Behaviour> = {};

beforeAll(async () => {
  dns = await startDnsServer({ zone: [], behaviours });
  scene = await stageScene(
    createResolver({ servers: [`${dns.address}:${dns.port}`], hostsFile: '/nowhere/hosts' }),
  );
  store = scene.stores.targetStore;
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

afterEach(() => {
  for (const name of Object.keys(behaviours)) delete behaviours[name];
});

/** From here on DNS says this. */
async function answering(zone: string[]): Promise<void> {
  const { port } = dns;
  await dns.stop();
  dns = await startDnsServer({ zone, behaviours, port });
}

type Rules = Partial<ReturnType<typeof ruleServices>>;

async function planned(
  entries: string[],
  {
    project = randomUUID(),
    options = {},
    rules = {},
  }: { project?: string; options?: object; rules?: Rules } = {},
): Promise<string> {
  const context = { ...scene.context, ...rules };
  const id = await scene.begin({
    ...{ project, entries: entries.join('\n'), names: entries.length, options: { ...OPTIONS, ...options } },
  });
  await runStage(expand, { submission: id }, context);
  for (const { ref } of scene.injected.splice(0)) await runStage(resolve, ref, context);
  await runStage(dedup, { submission: id }, context);
  return id;
}

/** As if the names had been looked up long ago. */
async function ageLookups(id: string): Promise<void> {
  const key = submissionKeys(id).lookups;
  await scene.redis.del(key);
  await scene.redis.hset(key, '*', '{"until":1}');
}

const send = (id: string, rules: Rules = {}) =>
  runStage(publish, { submission: id, index: 0 }, { ...scene.context, ...rules });
const sentTasks = async () =>
  (await takeTasks(scene.vhost)).map(({ id, task: { ip, hostnames } }) => ({ id, ip, hostnames }));
const sentIps = async () => (await sentTasks()).map(({ ip }) => ip).sort();

const states = () => new TargetStates(store, new WorkerStore(scene.redis));

async function listed(project: string, id: string, query: Partial<TargetQuery> = {}) {
  const page = await new TargetList(store, states()).page(project, id, { limit: 100, ...query });
  return page?.targets.map(({ target, state, moved_from }) =>
    `${target} ${state} ${moved_from ?? ''}`.trim(),
  );
}

async function counts(id: string) {
  const sending = await states().dispatchState(id);
  if (sending === undefined) throw new Error('nothing is kept');
  return new TargetCounter(states(), store, scene.context.tasks).counts(sending);
}

async function explained(project: string, asked: Asked) {
  const { compute } = scene.context;
  const services = { ...scene.stores, states: states(), compute };
  return (await explain(project, asked, undefined, services)).explanations[0];
}

const address = (ip: string) => ({ range: singleAddress(parseAddress(ip) ?? 0) });

describe('a name that tells a few of its addresses at a time', () => {
  it('has its task when it tells one of four', async () => {
    behaviours['four.test'] = { pick: 1 };
    await answering(FOUR);
    const id = await planned(['four.test']);
    await ageLookups(id);
    expect(await send(id)).toMatchObject({ tasks: 1 });
    expect(await sentTasks()).toMatchObject([{ hostnames: ['four.test'] }]);
    expect(dns.queries.get('four.test')).toBeLessThanOrEqual(4);
  });

  it('has as many tasks as were planned when it tells three of twelve, none of them at one address twice', async () => {
    behaviours['twelve.test'] = { pick: 3 };
    await answering(TWELVE);
    const project = randomUUID();
    const id = await planned(['twelve.test'], { project });
    await ageLookups(id);
    expect(await send(id)).toEqual({ tasks: 3, dropped: 3, moved: 3 });
    const ips = await sentIps();
    expect(new Set(ips).size).toBe(3);
    const all = (await listed(project, id)) ?? [];
    expect(all.filter((line) => line.includes('dropped'))).toHaveLength(3);
    expect(all.filter((line) => / queued 11\.0\.0\./.test(line)).map((line) => line.split(' ')[0])).toEqual(
      ips,
    );
    expect(await counts(id)).toEqual({
      total: 6,
      sent: 6,
      done: 0,
      dropped: 3,
      stopped: 0,
      remaining: 3,
      failed: 0,
      resent: 0,
    });
    expect(await runStage(root, { submission: id }, scene.context)).toEqual({ targets: 3 });
  });

  it('keeps its address when one of three answers tells it, and is asked no more than needed', async () => {
    await answering(FOUR);
    const id = await planned(['four.test'], { options: { single_resolve: true } });
    await ageLookups(id);
    behaviours['four.test'] = { pick: 2 };
    await answering(FOUR);
    expect(await send(id)).toEqual({ tasks: 1 });
    expect(await sentIps()).toEqual(['11.0.0.1']);
    expect(dns.queries.get('four.test')).toBe(2);
  });

  it('is asked once when it tells what it told', async () => {
    await answering(FOUR);
    const id = await planned(['four.test']);
    await ageLookups(id);
    await answering(FOUR);
    expect(await send(id)).toEqual({ tasks: 4 });
    expect(await sentIps()).toHaveLength(4);
    expect(dns.queries.get('four.test')).toBe(1);
  });
});

describe('a name that leads elsewhere', () => {
  it('takes its task along; list, counts, explain and the batch say so, and a stop takes it back', async () => {
    await answering(['11.0.0.1 moves.test', '11.0.0.2 stays.test']);
    const project = randomUUID();
    const id = await planned(['moves.test', 'stays.test'], { project });
    await ageLookups(id);
    await answering(['11.0.0.9 moves.test', '11.0.0.2 stays.test']);
    expect(await send(id)).toEqual({ tasks: 2, dropped: 1, moved: 1 });
    const tasks = await sentTasks();
    expect(tasks.map(({ ip, hostnames }) => [ip, hostnames])).toEqual([
      ['11.0.0.2', ['stays.test']],
      ['11.0.0.9', ['moves.test']],
    ]);
    const all = ['11.0.0.1 dropped', '11.0.0.2 queued', '11.0.0.9 queued 11.0.0.1'];
    expect(await listed(project, id)).toEqual(all);
    expect(await listed(project, id, { state: 'queued' })).toEqual(all.slice(1));
    expect(await listed(project, id, { state: 'dropped' })).toEqual(all.slice(0, 1));
    expect(await counts(id)).toEqual({
      total: 3,
      sent: 3,
      done: 0,
      dropped: 1,
      stopped: 0,
      remaining: 2,
      failed: 0,
      resent: 0,
    });
    expect(await scene.context.projects.activeOrQueued(project)).toBe(2);

    const moved = tasks.find(({ ip }) => ip === '11.0.0.9');
    const there = { address: '11.0.0.9', state: 'queued', moved_from: '11.0.0.1', task_id: moved?.id };
    const left = {
      ...{ address: '11.0.0.1', state: 'dropped', task_id: null },
      refusal: {
        reason: 'unresolvable',
        detail: { rule: 'dns', source: 'moves.test', entry: 'no longer resolves to it: moved to 11.0.0.9' },
      },
    };
    expect(await explained(project, address('11.0.0.9'))).toMatchObject({
      names: [{ name: 'moves.test' }],
      addresses: [there],
    });
    expect(await explained(project, address('11.0.0.1'))).toMatchObject({ addresses: [left] });
    expect(await explained(project, { name: 'moves.test' })).toMatchObject({ addresses: [left, there] });
    // Of a network those come first that were not planned.
    expect(await explained(project, { range: { start: 184_549_376, end: 184_549_632 } })).toMatchObject({
      names: [{ name: 'moves.test' }, { name: 'stays.test' }],
      addresses: [there, left, { address: '11.0.0.2' }],
      network: { accepted: 2n, refused: {} },
    });

    await scene.context.projects.stopProject(project);
    for await (const page of scene.context.tasks.tasksOut(project)) {
      await noteRevoked(project, page, store);
      await scene.context.tasks.forget(project, [], page);
    }
    expect(await listed(project, id)).toEqual([all[0], '11.0.0.2 stopped', '11.0.0.9 stopped 11.0.0.1']);
    expect(await counts(id)).toEqual({
      total: 3,
      sent: 3,
      done: 0,
      dropped: 1,
      stopped: 2,
      remaining: 0,
      failed: 0,
      resent: 0,
    });
    expect(await scene.redis.exists(workerKeys.lock(project, '11.0.0.9', '80'))).toBe(0);
  });

  it('sends the same tasks when the batch is tried again, also when the name leads back meanwhile', async () => {
    await answering(['11.0.0.1 moves.test']);
    const project = randomUUID();
    const id = await planned(['moves.test'], { project });
    await ageLookups(id);
    await answering(['11.0.0.9 moves.test']);
    await send(id);
    const first = await sentTasks();
    const again = () => scene.redis.hdel(submissionKeys(id).lanes, 's0');
    await again();
    await send(id);
    expect(await sentTasks()).toEqual(first);
    // The old address again and no other: what was sent is taken back, and the planned one gets its task.
    await ageLookups(id);
    await answering(['11.0.0.1 moves.test']);
    await again();
    expect(await send(id)).toEqual({ tasks: 1 });
    expect(await sentIps()).toEqual(['11.0.0.1']);
    expect(await scene.redis.exists(workerKeys.lock(project, '11.0.0.9', '80'))).toBe(0);
    expect([...(await scene.context.recalls.all()).keys()]).toEqual(first.map(({ id: task }) => task));
    expect(await listed(project, id)).toEqual(['11.0.0.1 queued']);
  });

  it('has no task where it leads to an excluded address, through an excluded name, to a private one, or nowhere', async () => {
    const by = { id: 'u1', username: 'ann' };
    for (const zone of [
      ['11.6.0.1 moves.test'],
      ['11.6.0.1 moves.test', '11.0.0.9 moves.test'],
      ['cname:edge.other.test moves.test', '11.0.0.9 edge.other.test'],
      ['10.0.0.1 moves.test'],
      ['2400:1:2::9 moves.test'],
      [],
    ]) {
      await answering(['11.0.0.1 moves.test']);
      const project = randomUUID();
      const id = await planned(['moves.test', '11.5.0.1'], { project });
      const more = ['11.6.0.0/24', '*.other.test'].map((entry): [string, Exclusion] => {
        return [entry, { entry, by, at: new Date().toISOString(), why: '', until: null }];
      });
      await scene.stores.exclusions.add(project, new Map(more));
      await ageLookups(id);
      await answering(zone);
      expect(await send(id)).toEqual({ tasks: 1, dropped: 1 });
      expect(await sentIps()).toEqual(['11.5.0.1']);
    }
  });

  it('stays excluded by what the plan knew of it', async () => {
    // The planned 11.0.0.2 is excluded afterwards; 11.0.0.1 is a target by itself.
    await answering(['11.0.0.1 moves.test', '11.0.0.2 moves.test']);
    const project = randomUUID();
    const id = await planned(['moves.test', '11.0.0.1'], { project });
    const by = { id: 'u1', username: 'ann' };
    const exclusion = { entry: '11.0.0.2', by, at: new Date().toISOString(), why: '', until: null };
    await scene.stores.exclusions.add(project, new Map([['11.0.0.2', exclusion]]));
    await ageLookups(id);
    await answering(['11.0.0.9 moves.test']);
    expect(await send(id)).toEqual({ tasks: 1, dropped: 1 });
    expect(await sentTasks()).toMatchObject([{ ip: '11.0.0.1', hostnames: [] }]);
  });

  it('is scanned only where the allowlist has the new address, by range or by the name', async () => {
    for (const [allowed, more] of [
      [['moves.test'], { tasks: 1, dropped: 1, moved: 1 }],
      [['11.0.0.0/24'], { tasks: 1, dropped: 1, moved: 1 }],
      [['11.0.0.0/29'], { tasks: 0, dropped: 1 }],
    ] as const) {
      const rules = ruleServices(scene.stores, scene.context, { allowed: [...allowed] });
      await answering(['11.0.0.1 moves.test']);
      const id = await planned(['moves.test'], { rules });
      await ageLookups(id);
      await answering(['11.0.0.9 moves.test']);
      expect(await send(id, rules)).toEqual(more);
      expect(await sentIps()).toEqual('moved' in more ? ['11.0.0.9'] : []);
    }
  });

  it('has no further task where all its addresses are planned for others', async () => {
    await answering(['11.0.0.1 moves.test', '11.0.0.2 stays.test']);
    const project = randomUUID();
    const id = await planned(['moves.test', 'stays.test', '11.0.0.3'], { project });
    await ageLookups(id);
    await answering(['11.0.0.2 moves.test', '11.0.0.3 moves.test', '11.0.0.2 stays.test']);
    expect(await send(id)).toEqual({ tasks: 2, dropped: 1 });
    expect(await sentIps()).toEqual(['11.0.0.2', '11.0.0.3']);
    expect(await explained(project, address('11.0.0.1'))).toMatchObject({
      addresses: [
        {
          refusal: {
            detail: { entry: 'no longer resolves to it: leads to 11.0.0.2, 11.0.0.3, scanned anyway' },
          },
        },
      ],
    });
  });

  it('changes places with another one, and both have their task', async () => {
    await answering(['11.0.0.1 left.test', '11.0.0.2 right.test']);
    const project = randomUUID();
    const id = await planned(['left.test', 'right.test'], { project });
    await ageLookups(id);
    await answering(['11.0.0.2 left.test', '11.0.0.1 right.test']);
    await send(id);
    const tasks = await sentTasks();
    expect(tasks.map(({ ip, hostnames }) => `${ip} ${hostnames}`).sort()).toEqual([
      '11.0.0.1 right.test',
      '11.0.0.2 left.test',
    ]);
    const { total, sent, done, dropped, stopped, remaining } = await counts(id);
    expect({ done, stopped, remaining }).toEqual({ done: 0, stopped: 0, remaining: 2 });
    expect(total).toBe(done + dropped + stopped + remaining);
    expect(sent).toBe(total);
    expect((await listed(project, id))?.every((line) => line.includes('queued'))).toBe(true);
  });

  it('keeps the addresses of a family that is not answered', async () => {
    const options = { ip_version: 'any' };
    await answering(['11.0.0.1 both.test', '2400:1:2::1 both.test']);
    const id = await planned(['both.test'], { options });
    await ageLookups(id);
    behaviours['both.test AAAA'] = { servfail: 'always' };
    expect(await send(id)).toEqual({ tasks: 2 });
    expect(await sentIps()).toEqual(['11.0.0.1', '2400:1:2::1']);
  });
});

it('two batches at once never take the same address', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `n${i}.crowd.test`);
  await answering(names.map((name, i) => `11.1.${i >> 8}.${i & 255} ${name}`));
  const id = await planned(names);
  const free = Array.from({ length: 12 }, (_, i) => `11.2.0.${i + 1}`);
  // All were asked already: nothing but Redis stands between the two, so they get in each other's way.
  const asked = { until: Date.now() + 600_000, addresses: free, chain: [], asked: 3 };
  await scene.redis.hset(submissionKeys(id).lookups, '*', JSON.stringify(asked));
  const publishOf = (index: number) => runStage(publish, { submission: id, index }, scene.context);
  const results = await Promise.all([publishOf(0), publishOf(1)]);
  expect(results.reduce((sum, { moved = 0 }) => sum + Number(moved), 0)).toBe(free.length);
  expect(await sentIps()).toEqual([...free].sort());
  expect(await counts(id)).toMatchObject({ total: 312, sent: 312, dropped: 300, remaining: 12 });
});

it('two submissions of a project never have a task for the same new address', async () => {
  const project = randomUUID();
  await answering(['11.0.0.1 left.test', '11.0.0.2 right.test']);
  const ids = [await planned(['left.test'], { project }), await planned(['right.test'], { project })];
  for (const id of ids) await ageLookups(id);
  await answering(['11.0.0.9 left.test', '11.0.0.9 right.test']);
  const results = await Promise.all(ids.map((id) => send(id)));
  expect(results.map(({ tasks }) => tasks).sort()).toEqual([0, 1]);
  expect(await sentIps()).toEqual(['11.0.0.9']);
});
