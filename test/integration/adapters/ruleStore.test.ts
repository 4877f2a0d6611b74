import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashOf, RuleStore, type SharedRules } from '../../../src/adapters/scopeRules/ruleStore.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { ownRedisDb, services } from '../../support/services.ts';

/** Each of the 15 patterns stands for 65,536 ranges; one more would be over the limit of a million. */
const FIT = 15;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
const compute = new Compute();
afterAll(() => compute.close());
afterAll(() => redis?.disconnect());

function rulesOf(last: number, names: readonly string[] = []): SharedRules {
  const installation = { allowPrivate: false, exclusions: [] };
  const project = [...Array.from({ length: FIT }, (_, i) => `*.*.${i + 1}.${last}`), ...names];
  return { ref: { installation: hashOf(installation), project: hashOf(project) }, installation, project };
}

it('rules at the limit of many projects at once take less than 300 MB', async () => {
  const store = new RuleStore(redis, compute);
  const before = process.memoryUsage().rss;
  let most = 0;
  const looks = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 5);
  const compiled = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (last) => (await store.compiled(rulesOf(last), [])).ranges),
  );
  clearInterval(looks);
  expect(compiled).toEqual(Array.from({ length: 8 }, () => FIT * 65_536));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(300 * 2 ** 20);
});

it('keeps the newest rules of projects, however large, and forgets the others for them', async () => {
  const store = new RuleStore(redis, compute);
  // Each of the two is too large for the cache.
  const names = Array.from({ length: 10_000 }, (_, i) => `host-${i}.test`);
  const [first, second] = [rulesOf(101, names), rulesOf(102, names)];
  await store.compiled(first, []);
  // Nothing of it is in Redis.
  expect((await store.compiledOf(first.ref, []))?.ranges).toBe(FIT * 65_536);
  await store.compiled(second, []);
  expect((await store.compiledOf(second.ref, []))?.ranges).toBe(FIT * 65_536);
  expect(await store.compiledOf(first.ref, [])).toBeUndefined();
});

it('gives everybody the rules of more installations at once than it keeps', async () => {
  const store = new RuleStore(redis, compute);
  const compiled = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((last) => {
      const installation = {
        allowPrivate: false,
        exclusions: Array.from({ length: last }, (_, i) => `8.8.${i}.0`),
      };
      return store.compiled({ ref: { installation: hashOf(installation) }, installation, project: [] }, []);
    }),
  );
  expect(compiled.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5, 6]);
});
