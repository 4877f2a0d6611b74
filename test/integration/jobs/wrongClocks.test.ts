/** What is sent by processes whose clocks are wrong: nothing that is excluded, and to no address that a name has left. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { SharedClock } from '../../../src/adapters/redis/sharedClock.ts';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import { ScopeCache } from '../../../src/jobs/publish/scopeCache.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { runStage, type SceneContext, type StageScene, stageScene } from '../../support/stageContext.ts';

const HOUR_MS = 3_600_000;
/** Longer than a look-up counts. */
const LATER_MS = 400_000;
let dns: DnsServer;
let scene: StageScene;
let clock: SharedClock;
let scopeCache: ScopeCache;
/** How far the process is in time, by the shared clock. */
let laterMs = 0;

beforeAll(async () => {
  dns = await startDnsServer({ zone: ['11.0.0.1 moves.test'] });
  const resolver = createResolver({
    servers: [`${dns.address}:${dns.port}`],
    hostsFile: '/nowhere/hosts',
    now: () => now(),
  });
  scene = await stageScene(resolver);
  clock = await SharedClock.open(scene.redis);
  scopeCache = new ScopeCache({ ...scene.context, now });
});

afterEach(() => {
  vi.useRealTimers();
  laterMs = 0;
});

afterAll(async () => {
  clock?.close();
  scene?.context.resolver.close();
  await scene?.close();
  await dns?.stop();
});

const now = () => clock.now() + laterMs;
const context = (): SceneContext => ({ ...scene.context, now, scopeCache: scopeCache });
const clockAhead = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR_MS });

async function planned(project: string, entries: string[], names: number): Promise<string> {
  const id = await scene.begin({ project, entries: entries.join('\n'), names });
  scene.injected.length = 0;
  await runStage(expand, { submission: id }, context());
  for (const { ref } of scene.injected) await runStage(resolve, ref, context());
  await runStage(dedup, { submission: id }, context());
  return id;
}

async function excludeFor(project: string, entry: string, ms: number): Promise<void> {
  const at = new Date().toISOString();
  const until = new Date(Date.now() + ms).toISOString();
  const exclusion: Exclusion = { entry, by: { id: 'u1', username: 'ann' }, at, why: 'until tonight', until };
  await scene.stores.exclusions.add(project, new Map([[entry, exclusion]]));
}

async function movesTo(ip: string): Promise<void> {
  const { port } = dns;
  await dns.stop();
  dns = await startDnsServer({ zone: [`${ip} moves.test`], port });
}

const send = (id: string, index = 0) => runStage(publish, { submission: id, index }, context());
const sentIps = async () => (await takeTasks(scene.vhost)).map(({ task }) => task.ip).sort();

it('an exclusion that ends in half an hour holds in a process that is an hour ahead', async () => {
  const project = randomUUID();
  await excludeFor(project, '11.2.0.1', HOUR_MS / 2);
  clockAhead();
  const id = await planned(project, ['11.2.0.0/29'], 0);
  vi.useRealTimers();
  await excludeFor(project, '11.2.0.2', HOUR_MS / 2);
  clockAhead();
  await send(id);
  expect(await sentIps()).toEqual(['11.2.0.3', '11.2.0.4', '11.2.0.5', '11.2.0.6']);
});

it('a name is looked up again in time that was looked up by a process an hour ahead', async () => {
  clockAhead();
  const id = await planned(randomUUID(), ['moves.test'], 1);
  vi.useRealTimers();
  await movesTo('11.0.0.7');
  laterMs = LATER_MS;
  await send(id);
  expect(await sentIps()).toEqual(['11.0.0.7']);
});

it('an excluded name is looked up again in time that was looked up by a process an hour ahead', async () => {
  await movesTo('11.0.0.1');
  const project = randomUUID();
  await excludeFor(project, 'moves.test', 24 * HOUR_MS);
  clockAhead();
  const id = await planned(project, ['11.0.0.0/23'], 0);
  await send(id, 0);
  vi.useRealTimers();
  const before = await sentIps();
  const next =
    Array.from({ length: 200 }, (_, i) => `11.0.0.${i + 2}`).find((ip) => !before.includes(ip)) ?? '';
  await movesTo(next);
  laterMs = LATER_MS;
  for (const index of [1, 2]) await send(id, index);
  const after = await sentIps();
  expect(before.length + after.length).toBe(510 - 2);
  expect(after).not.toContain(next);
});
