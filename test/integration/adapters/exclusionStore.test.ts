import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Exclusion } from '../../../src/adapters/scopeRules/exclusion.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { ownRedisDb, services } from '../../support/services.ts';

const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
let redis: Redis;
let store: ExclusionStore;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  store = new ExclusionStore(redis);
});
afterAll(() => redis.disconnect());

function exclude(...entries: string[]): Map<string, Exclusion> {
  const by = { id: 'u1', username: 'alice' };
  const at = '2026-11-02T09:30:00.000Z';
  return new Map(entries.map((entry) => [entry, { entry, by, at, why: 'annex B', until: null }]));
}

it('a change is written only into the list that the caller has looked at', async () => {
  const { version } = await store.all(PROJECT);
  const both = await Promise.all([
    store.add(PROJECT, exclude('8.8.8.0/24'), version),
    store.add(PROJECT, exclude('9.9.9.0/24'), version),
  ]);
  expect(both.toSorted()).toEqual(['changed', 'done']);
  const { exclusions, version: now } = await store.all(PROJECT);
  expect(exclusions.size).toBe(1);
  expect(await store.replace(PROJECT, exclude('1.1.1.1'), version)).toBe('changed');
  expect(await store.replace(PROJECT, exclude('1.1.1.1'), now)).toBe('done');
  expect([...(await store.all(PROJECT)).exclusions.keys()]).toEqual(['1.1.1.1']);
});
