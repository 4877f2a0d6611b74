import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { rulesKey } from '../../../src/adapters/redis/keys.ts';
import { counts, END_STEP_MS, type Exclusion, endOf } from '../../../src/adapters/scopeRules/exclusion.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { InstallationRules } from '../../../src/adapters/scopeRules/installationRules.ts';
import { RuleBook } from '../../../src/adapters/scopeRules/ruleBook.ts';
import { RuleStore } from '../../../src/adapters/scopeRules/ruleStore.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { ownRedisDb, services } from '../../support/services.ts';

const log = createLog({ level: 'silent', role: 'test' });
const HOUR_MS = 3_600_000;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterEach(() => vi.useRealTimers());
const compute = new Compute();
afterAll(() => compute.close());
afterAll(() => redis?.disconnect());

function exclusion(entry: string, untilMs: number): [string, Exclusion] {
  const by = { id: 'u1', username: 'alice' };
  const until = new Date(untilMs).toISOString();
  return [entry, { entry, by, at: '2026-11-02T09:30:00.000Z', why: 'annex B', until }];
}

function ruleBook(): RuleBook {
  const settings = { allowPrivateTargets: false, excludedHosts: [], allowSingleLabel: false };
  return new RuleBook(new InstallationRules(settings, log), new ExclusionStore(redis));
}

it('an exclusion never ends before its time, and a step after it at most', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
      const late = endOf(date.toISOString()) - date.getTime();
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(END_STEP_MS);
    }),
  );
});

it('exclusions that end one after the other make new rules once a step at most', () => {
  const start = Date.parse('2027-01-01T00:00:03Z');
  const list = Array.from({ length: 600 }, (_, nth) => exclusion(`8.8.8.${nth}`, start + nth * 100)[1]);
  const sets = new Set<number>();
  for (let ms = start; ms <= start + 60_000; ms += 50)
    sets.add(list.filter((each) => counts(each, ms)).length);
  expect(sets.size).toBeLessThanOrEqual(60_000 / END_STEP_MS + 2);
});

it('a process whose clock is ahead ends none early, and one whose clock is behind ends them too', async () => {
  const project = randomUUID();
  const now = Date.now();
  const store = new ExclusionStore(redis);
  await store.replace(
    project,
    new Map([exclusion('8.8.8.8', now + HOUR_MS / 2), exclusion('9.9.9.9', now - HOUR_MS / 2)]),
  );
  for (const skewMs of [HOUR_MS, -HOUR_MS, 0]) {
    vi.useFakeTimers({ toFake: ['Date'], now: now + skewMs });
    expect((await ruleBook().now(project)).shared.project).toEqual(['8.8.8.8']);
    vi.useRealTimers();
  }
});

it('rules that are kept ready end with the first of their exclusions', { timeout: 40_000 }, async () => {
  const project = randomUUID();
  const book = ruleBook();
  const store = new ExclusionStore(redis);
  const [short, long] = [exclusion('8.8.8.8', Date.now()), exclusion('9.9.9.9', Date.now() + HOUR_MS)];
  await store.replace(project, new Map([short, long]));
  await vi.waitFor(async () => expect((await book.now(project)).shared.project).toEqual(['9.9.9.9']), {
    timeout: 30_000,
  });
});

it('as many exclusions as end one after the other, few sets of rules are kept of them', async () => {
  const project = randomUUID();
  const book = ruleBook();
  const store = new RuleStore(redis, compute);
  const startMs = Date.now();
  const secondsLong = 8;
  const list = Array.from({ length: 10 * secondsLong }, (_, nth) =>
    exclusion(`9.9.9.${nth}`, startMs + nth * 100),
  );
  await new ExclusionStore(redis).add(project, new Map([...list, exclusion('8.8.8.8', startMs + HOUR_MS)]));
  const kept = new Set<string | undefined>();
  while (Date.now() < startMs + secondsLong * 1_000) {
    const { shared } = await book.now(project);
    await store.hold(shared, project);
    kept.add(shared.ref.project);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(kept.size).toBeLessThanOrEqual(3);
  expect(await redis.exists(...[...kept].map((hash) => rulesKey(hash ?? '')))).toBe(kept.size);
}, 60_000);
