/** Some targets of a scan by a text, against real servers: found without looking at the others. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeHostnames } from '../../../src/adapters/dispatch/hostnameLists.ts';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { split } from '../../../src/jobs/split.ts';
import { TargetList, type TargetQuery } from '../../../src/queries/targetList/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { hostnameBuckets } from '../../../src/targets/hostnameBuckets.ts';
import { readTargetSearch } from '../../../src/targets/targetSearch.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});
afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

async function planned(project: string, entries: string, names: Record<string, string[]> = {}) {
  const id = await scene.begin({ project, entries });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  await runStage(split, { submission: id }, scene.context);
  const links = Object.values(names).flat().length;
  await writeHostnames(scene.redis, id, hostnameBuckets(new Map(Object.entries(names)), links));
  await scene.redis.hset(submissionKeys(id).facts, 'links', links);
  return id;
}

const list = () => {
  const { targetStore } = scene.stores;
  return new TargetList(targetStore, new TargetStates(targetStore, new WorkerStore(scene.redis)));
};

function searchOf(text: string): Pick<TargetQuery, 'search'> {
  const read = readTargetSearch(text);
  if (!read.ok) throw new Error(read.problem);
  return { search: read.search };
}

/** All of it, page by page. */
async function found(project: string, id: string, text: string, query: Partial<TargetQuery> = {}) {
  const targets: string[] = [];
  const pages = list();
  for (let from: TargetQuery['from']; ; ) {
    const asked = { limit: 2, ...query, ...searchOf(text), ...(from && { from }) };
    const page = await pages.page(project, id, asked);
    targets.push(...(page?.targets ?? []).map(({ target }) => target));
    if (page?.next === undefined) return targets;
    from = page.next;
  }
}

it('a text finds addresses, their beginnings, networks and parts of names, in every part of the list', async () => {
  const project = randomUUID();
  await planned(project, '11.3.0.0/30');
  const id = await planned(project, '11.3.0.0/28\n11.30.0.1\n10.0.0.0/29\n2400:1:2::8/126', {
    '11.3.0.4': ['a.shop.test', 'www.shop.test'],
    '11.3.0.9': ['shop-2.test'],
    '10.0.0.3': ['intranet.shop.test'],
    '2400:1:2::a': ['v6.shop.test', 'x11.3.test'],
  });
  await scene.redis.set(submissionKeys(id).unresolvable, 'old.shop.test\ngone.test');
  const all = (text: string, query?: Partial<TargetQuery>) => found(project, id, text, query);

  expect(await all('11.3.0.8/30')).toEqual(['11.3.0.8', '11.3.0.9', '11.3.0.10', '11.3.0.11']);
  expect(await all('11.3.0.1')).toEqual(['11.3.0.1']);
  expect(await all('10.0.0.0/8')).toEqual(Array.from({ length: 6 }, (_, i) => `10.0.0.${i + 1}`));
  expect(await all('2400:1:2::')).toEqual(['2400:1:2::8', '2400:1:2::9', '2400:1:2::a', '2400:1:2::b']);
  expect(await all('11.30')).toEqual(['11.30.0.1']);
  // Accepted ones first, then refused ones; a name may contain it, too.
  const three = [...Array.from({ length: 12 }, (_, i) => `11.3.0.${i + 3}`), '11.30.0.1', '2400:1:2::a'];
  expect(await all('11.3')).toEqual([...three, '11.3.0.1', '11.3.0.2']);

  const shops = ['11.3.0.4', '11.3.0.9', '2400:1:2::a', '10.0.0.3', 'old.shop.test'];
  expect(await all('SHOP')).toEqual(shops);
  expect(await all('shop', { limit: 500 })).toEqual(shops);
  expect(await all('shop', { state: 'refused' })).toEqual(['10.0.0.3', 'old.shop.test']);
  expect(await all('11.3.0.1', { state: 'waiting' })).toEqual([]);
  expect(await all('shop', { reason: 'private_ip' })).toEqual(['10.0.0.3']);
  expect(await all('nothing-like-that')).toEqual([]);
}, 30_000);

it('a name is looked for where it leads by now', async () => {
  const project = randomUUID();
  const id = await planned(project, '11.5.0.0/29', { '11.5.0.2': ['www.moved.test'] });
  const pages = list();
  const asked = { limit: 10, ...searchOf('moved') };
  expect((await pages.page(project, id, asked))?.targets).toHaveLength(1);
  const note = { from: '11.5.0.2', parts: [0], names: ['www.moved.test'] };
  await scene.redis.hset(submissionKeys(id).moved, '11.5.0.4', JSON.stringify(note));
  await scene.redis.hset(submissionKeys(id).moved, '11.6.0.9', JSON.stringify(note));
  const page = await pages.page(project, id, asked);
  expect(page?.targets.map(({ target }) => target)).toEqual(['11.5.0.2', '11.5.0.4', '11.6.0.9']);
});

it('in a /8 it finds the last addresses at once, and pages go on from any place', async () => {
  const project = randomUUID();
  const id = await planned(project, '12.0.0.0/8', { '12.200.0.1': ['far.test'] });
  const pages = list();
  const last = await pages.page(project, id, { limit: 3, ...searchOf('12.255.255.252/30') });
  // The last one is the broadcast address of the /8: no target.
  expect(last?.targets.map(({ target }) => target)).toEqual([252, 253, 254].map((n) => `12.255.255.${n}`));
  expect(last?.next).toBeUndefined();
  expect(await found(project, id, 'far')).toEqual(['12.200.0.1']);
  const first = await pages.page(project, id, { limit: 2, ...searchOf('12.7') });
  expect(first?.next).toEqual({ section: 'accepted', index: 7 * 2 ** 16 + 1 });
  // A cursor of the list without a text goes on at the next target that fits.
  const from = { section: 'accepted' as const, index: 8 * 2 ** 16 };
  const next = await pages.page(project, id, { limit: 1, from, ...searchOf('12.7') });
  expect(next?.targets.map(({ target }) => target)).toEqual(['12.70.0.0']);
  // What is filtered by state as well looks at what the text finds, and at 20,000 of that at most.
  const none = await pages.page(project, id, { limit: 1, state: 'done', ...searchOf('12.7.0.0/16') });
  expect(none).toEqual({ targets: [], next: { section: 'accepted', index: 7 * 2 ** 16 + 19_999 } });
  expect(await found(project, id, '12.7.0.0/20', { state: 'done' })).toEqual([]);
});
