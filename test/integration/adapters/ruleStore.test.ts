import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashOf, RuleStore, type SharedRules } from '../../../src/adapters/scopeRules/ruleStore.ts';
import { ownRedisDb, services } from '../../support/services.ts';

/** Each of the 15 patterns stands for 65,536 ranges; one more would be over the limit of a million. */
const FIT = 15;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis?.disconnect());

function rulesOf(last: number): SharedRules {
  const installation = { allowPrivate: false, exclusions: [] };
  const project = Array.from({ length: FIT }, (_, i) => `*.*.${i + 1}.${last}`);
  return { ref: { installation: hashOf(installation), project: hashOf(project) }, installation, project };
}

it('rules at the limit of many projects at once take less than 300 MB', async () => {
  const store = new RuleStore(redis);
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
