/** What is looked at once more when a batch is sent: rules that came later, and names that lead elsewhere. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { finish as root } from '../../../src/jobs/finish.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { ruleServices, runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

const ZONE = ['11.0.0.1 moves.test', '11.0.0.2 stays.test', '11.0.0.9 excluded.test'];
let dns: DnsServer;
let scene: StageScene;
const behaviours: Record<string, { servfail?: 'always' }> = {};

beforeAll(async () => {
  dns = await startDnsServer({ zone: ZONE, behaviours });
  scene = await stageScene(
    createResolver({ servers: [`${dns.address}:${dns.port}`], hostsFile: '/dev/null' }),
  );
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

afterEach(async () => {
  for (const name of Object.keys(behaviours)) delete behaviours[name];
  await answering(ZONE);
});

/** From here on DNS says something else. */
async function answering(zone: string[]): Promise<void> {
  const { port } = dns;
  await dns.stop();
  dns = await startDnsServer({ zone, behaviours, port });
}

type Rules = Partial<ReturnType<typeof ruleServices>>;

async function planned(entries: string[], project = randomUUID(), rules: Rules = {}): Promise<string> {
  const context = { ...scene.context, ...rules };
  const id = await scene.begin({ project, entries: entries.join('\n'), names: entries.length });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, context);
  for (const { ref } of scene.injected) await runStage(resolve, ref, context);
  await runStage(dedup, { submission: id }, context);
  return id;
}

async function exclude(project: string, ...entries: string[]): Promise<void> {
  const by = { id: 'u1', username: 'ann' };
  const more = entries.map((entry): [string, Exclusion] => {
    return [entry, { entry, by, at: new Date().toISOString(), why: 'later', until: null }];
  });
  await scene.stores.exclusions.add(project, new Map(more));
}

/** As if the names had been looked up long ago. */
async function ageLookups(id: string): Promise<void> {
  const key = submissionKeys(id).lookups;
  for (const name of await scene.redis.hkeys(key)) await scene.redis.hset(key, name, '{"until":1}');
}

const send = (id: string, rules: Rules = {}) =>
  runStage(publish, { submission: id, index: 0 }, { ...scene.context, ...rules });
const dropped = async (id: string) =>
  JSON.parse((await scene.redis.hget(submissionKeys(id).dropped, '0')) ?? '[]');
const sentIps = async () => (await takeTasks(scene.vhost)).map(({ task }) => task.ip).sort();

describe('an exclusion that comes after the plan', () => {
  it('holds for what is not sent yet; the rest goes on to its end', async () => {
    const project = randomUUID();
    const id = await planned(['11.2.0.0/29'], project);
    await exclude(project, '11.2.0.2-3');
    expect(await send(id)).toEqual({ tasks: 4, dropped: 2 });
    expect(await sentIps()).toEqual(['11.2.0.1', '11.2.0.4', '11.2.0.5', '11.2.0.6']);
    expect(await dropped(id)).toMatchObject([
      {
        reason: 'forbidden',
        detail: { rule: 'exclusion', source: 'project', entry: '11.2.0.2-3' },
        count: 2,
      },
    ]);
    expect(await scene.redis.exists(workerKeys.lock(project, '11.2.0.2', '80'))).toBe(0);
    expect(await runStage(root, { submission: id }, scene.context)).toEqual({ targets: 6 });
    expect(await scene.context.projects.activeOrQueued(project)).toBe(4);
  });

  it('by name holds for every address of the name', async () => {
    const project = randomUUID();
    const id = await planned(['11.0.0.8/29'], project);
    await exclude(project, 'excluded.test');
    expect(await send(id)).toEqual({ tasks: 5, dropped: 1 });
    expect(await sentIps()).not.toContain('11.0.0.9');
  });

  it('by a name that does not resolve stops the batch, and it goes on when that is mended', async () => {
    const project = randomUUID();
    const id = await planned(['11.3.0.0/30'], project);
    await exclude(project, 'nowhere.test');
    await expect(send(id)).rejects.toThrow(/nowhere\.test \(nxdomain\)/);
    expect(await sentIps()).toEqual([]);
    await scene.stores.exclusions.remove(project, ['nowhere.test']);
    expect(await send(id)).toEqual({ tasks: 2 });
    await sentIps();
  });

  it('lets go of what an earlier try had tracked, and recalls it', async () => {
    const project = randomUUID();
    const id = await planned(['11.4.0.0/30'], project);
    await send(id);
    const [first] = await takeTasks(scene.vhost);
    await scene.redis.hdel(submissionKeys(id).lanes, 's0');
    await exclude(project, '11.4.0.1');
    expect(await send(id)).toEqual({ tasks: 1, dropped: 1 });
    expect(await sentIps()).toEqual(['11.4.0.2']);
    expect(await scene.redis.exists(workerKeys.lock(project, '11.4.0.1', '80'))).toBe(0);
    expect(await scene.context.projects.activeOrQueued(project)).toBe(1);
    const recalled = [...(await scene.context.recalls.all()).keys()];
    expect(recalled).toHaveLength(1);
    expect(first?.task.ip === '11.4.0.1' ? recalled : [first?.id]).toContain(first?.id);
  });
});

describe('a name that was looked up too long ago', () => {
  it('is looked up again: an address that it no longer leads to is dropped, also when it leads to a private one', async () => {
    const id = await planned(['moves.test', 'stays.test']);
    await ageLookups(id);
    await answering(['10.0.0.1 moves.test', '11.0.0.2 stays.test']);
    expect(await send(id)).toEqual({ tasks: 1, dropped: 1 });
    expect(await sentIps()).toEqual(['11.0.0.2']);
    expect(await dropped(id)).toMatchObject([
      {
        reason: 'unresolvable',
        detail: { rule: 'dns', source: 'moves.test', entry: 'no longer resolves to it' },
      },
    ]);
  });

  it('is not asked for within its time', async () => {
    const id = await planned(['moves.test']);
    await answering(['10.0.0.1 moves.test']);
    expect(await send(id)).toEqual({ tasks: 1 });
    expect(dns.queries.size).toBe(0);
    await sentIps();
  });

  it('is told from one of the same submission whose TTL is longer', async () => {
    await answering(['11.0.0.1 moves.test 60', '11.0.0.2 stays.test 3600']);
    const id = await planned(['moves.test', 'stays.test']);
    const lookups = submissionKeys(id).lookups;
    expect((await scene.redis.hkeys(lookups)).sort()).toEqual(['*', 'stays.test']);
    await scene.redis.hset(lookups, '*', '{"until":1}');
    await answering(ZONE);
    expect(await send(id)).toEqual({ tasks: 2 });
    expect([...dns.queries.keys()]).toEqual(['moves.test']);
    await sentIps();
  });

  it('and is gone drops its address, unless that is a target by itself', async () => {
    const byName = await planned(['moves.test', '11.5.0.1']);
    const byItself = await planned(['moves.test', '11.0.0.0/30']);
    await answering(['11.0.0.2 stays.test']);
    for (const id of [byName, byItself]) await ageLookups(id);
    expect(await send(byName)).toEqual({ tasks: 1, dropped: 1 });
    expect(await sentIps()).toEqual(['11.5.0.1']);
    expect(await send(byItself)).toEqual({ tasks: 2 });
    const tasks = await takeTasks(scene.vhost);
    expect(tasks.find(({ task }) => task.ip === '11.0.0.1')?.task.hostnames).toEqual([]);
  });

  it('and leads to an excluded address, or through an excluded name, adds no target any more', async () => {
    for (const zone of [
      ['11.0.0.1 moves.test', '11.6.0.1 moves.test'],
      ['cname:edge.other.test moves.test', '11.0.0.1 edge.other.test'],
    ]) {
      const project = randomUUID();
      await exclude(project, '11.6.0.0/24', '*.other.test');
      const id = await planned(['moves.test', '11.5.0.1'], project);
      await ageLookups(id);
      await answering(zone);
      expect(await send(id)).toEqual({ tasks: 1, dropped: 1 });
      expect(await sentIps()).toEqual(['11.5.0.1']);
      expect(await dropped(id)).toMatchObject([
        { reason: 'forbidden', detail: { rule: 'exclusion', source: 'project' } },
      ]);
      await answering(ZONE);
    }
  });

  it('and was all that put its address on the allowlist drops it, listed or not', async () => {
    const settings = { allowed: ['moves.test', '11.5.0.0/24'] };
    const { context } = scene;
    const rules = ruleServices(scene.stores, context, settings);
    const id = await planned(['moves.test', '11.0.0.1', '11.5.0.1'], randomUUID(), rules);
    await ageLookups(id);
    await answering(['11.5.0.1 moves.test']);
    expect(await send(id, rules)).toEqual({ tasks: 1, dropped: 1 });
    expect(await sentIps()).toEqual(['11.5.0.1']);
    expect(await dropped(id)).toMatchObject([{ reason: 'forbidden', detail: { rule: 'allowlist' } }]);
  });

  it('and cannot be asked for at the moment keeps its address', async () => {
    const id = await planned(['moves.test', 'stays.test']);
    await ageLookups(id);
    behaviours['moves.test'] = { servfail: 'always' };
    expect(await send(id)).toEqual({ tasks: 2 });
    expect(await sentIps()).toEqual(['11.0.0.1', '11.0.0.2']);
  });
});
