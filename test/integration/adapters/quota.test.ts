import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Quotas } from '../../../src/adapters/quota/quota.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { ExclusionStore } from '../../../src/adapters/scopeRules/exclusionStore.ts';
import { RuleStore } from '../../../src/adapters/scopeRules/ruleStore.ts';
import { SubmissionStore } from '../../../src/adapters/submissions/submissionStore.ts';
import type { NewSubmission } from '../../../src/model/submission.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { QuotaError } from '../../../src/runtime/errors.ts';
import { QUOTA_PATTERN, submissionPattern } from '../../support/ownKeys.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { OPTIONS } from '../../support/stageContext.ts';

let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
const compute = new Compute();
afterAll(() => compute.close());
afterAll(() => redis.disconnect());

const NONE: Quotas = { openSubmissions: 0, plans: 0, storedBytes: 0 };

function submission(more: Partial<NewSubmission> = {}): NewSubmission {
  return {
    kind: 'scan',
    project: randomUUID(),
    user: { id: randomUUID(), username: 'ann' },
    options: OPTIONS,
    entries: '9.9.9.9',
    provided: 1,
    duplicatesRemoved: 0,
    names: 0,
    ...more,
  };
}

/** Begins one; gives its id, or the message of the quota in the way. */
async function begin(
  store: SubmissionStore,
  what: NewSubmission,
): Promise<{ id: string } | { refused: QuotaError }> {
  const id = randomUUID();
  try {
    return { id: await store.begin(id, what, id) };
  } catch (error) {
    if (error instanceof QuotaError) return { refused: error };
    throw error;
  }
}

const storeWith = (quotas: Partial<Quotas>) => new SubmissionStore(redis, { ...NONE, ...quotas });
const isIn = (outcome: object): outcome is { id: string } => 'id' in outcome;
const refusalOf = (outcome: object) => ('refused' in outcome ? (outcome.refused as QuotaError) : undefined);

describe('open submissions', () => {
  it('are as many as may be, however many come at once, and no more is written of the others', async () => {
    const store = storeWith({ openSubmissions: 3 });
    const what = submission();
    const before = await redis.dbsize();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => begin(store, what)));
    expect(outcomes.filter(isIn)).toHaveLength(3);
    const keys = await redis.keys(submissionPattern());
    expect(keys.filter((key) => key.split(':').length === 3)).toHaveLength(3);
    expect(keys.filter((key) => key.includes(':entries:'))).toEqual([]);
    expect(await redis.dbsize()).toBeGreaterThan(before);
    const refusal = outcomes.map(refusalOf).find(Boolean);
    expect(refusal?.message).toMatch(
      /^the project has 3 open scans and plans, and 3 is the limit \(MAX_OPEN_SUBMISSIONS\)/,
    );
    expect(refusal?.message).toContain(`/tasks/${what.project}/stop-nmap`);
    expect(refusal?.retryAfterS).toBeGreaterThan(0);
  });

  it('of another project are not in the way; a user may have four times as many over all of them', async () => {
    const store = storeWith({ openSubmissions: 1 });
    const user = { id: randomUUID(), username: 'ann' };
    const outcomes = [];
    for (let i = 0; i < 5; i++) outcomes.push(await begin(store, submission({ user })));
    expect(outcomes.map(isIn)).toEqual([true, true, true, true, false]);
    expect(refusalOf(outcomes[4] ?? {})?.message).toMatch(
      /^you have in all projects together 4 .* \(4 times MAX_OPEN_SUBMISSIONS\)/,
    );
    expect(isIn(await begin(store, submission()))).toBe(true);
  });

  it('that ended make room, and so do those that vanished without a word', async () => {
    const store = storeWith({ openSubmissions: 2 });
    const what = submission();
    const [first, second] = [await begin(store, what), await begin(store, what)];
    if (!isIn(first) || !isIn(second)) throw new Error('both are in');
    expect(isIn(await begin(store, what))).toBe(false);
    await store.finish(first.id, what.project);
    expect(isIn(await begin(store, what))).toBe(true);
    expect(isIn(await begin(store, what))).toBe(false);
    // A process died, somebody deleted its keys, and housekeeping found nothing of it.
    await redis.del(...Object.values(submissionKeys(second.id)));
    await store.forget(second.id, what.project);
    expect(isIn(await begin(store, what))).toBe(true);
  });

  it('the same request joins the one that is being planned also when the quota is used up', async () => {
    const store = storeWith({ openSubmissions: 1 });
    const what = submission();
    const id = randomUUID();
    await store.begin(id, what, 'same');
    expect(await store.begin(randomUUID(), what, 'same')).toBe(id);
  });

  it('follow the rule whatever happens: never more than the limit, never refused while there is room', async () => {
    const event = fc.oneof(
      fc.record({ what: fc.constant('begin' as const), project: fc.nat(2), user: fc.nat(1) }),
      fc.record({ what: fc.constantFrom('finish' as const, 'vanish' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(event, { maxLength: 30 }),
        async (limit, events) => {
          const store = storeWith({ openSubmissions: limit });
          const projects = [randomUUID(), randomUUID(), randomUUID()];
          const users = [randomUUID(), randomUUID()].map((id) => ({ id, username: 'ann' }));
          let open: { id: string; project: string; user: string }[] = [];
          for (const each of events) {
            if (each.what === 'begin') {
              const [project = '', user = users[0]] = [projects[each.project], users[each.user]];
              if (user === undefined) continue;
              const room =
                open.filter((one) => one.project === project).length < limit &&
                open.filter((one) => one.user === user.id).length < 4 * limit;
              const outcome = await begin(store, submission({ project, user }));
              expect(isIn(outcome)).toBe(room);
              if (isIn(outcome)) open.push({ id: outcome.id, project, user: user.id });
            } else {
              const gone = open[each.which % Math.max(1, open.length)];
              if (gone === undefined) continue;
              if (each.what === 'finish') await store.finish(gone.id, gone.project);
              else await store.forget(gone.id, gone.project);
              open = open.filter((one) => one !== gone);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('plans', () => {
  it('are counted until nothing is kept of them, and scans are not counted among them', async () => {
    const store = storeWith({ plans: 2 });
    const plan = submission({ kind: 'plan' });
    const [first] = [await begin(store, plan), await begin(store, plan)];
    if (!first || !isIn(first)) throw new Error('it is in');
    await store.finish(first.id, plan.project);
    const refused = refusalOf(await begin(store, plan));
    expect(refused?.message).toMatch(/^the project has 2 plans, and 2 is the limit \(MAX_PLANS\)/);
    expect(refused?.retryAfterS).toBeUndefined();
    expect(isIn(await begin(store, { ...plan, kind: 'scan' }))).toBe(true);
    await redis.del(submissionKeys(first.id).facts);
    expect(isIn(await begin(store, plan))).toBe(true);
  });
});

describe('what is stored', () => {
  it('is bounded by what is there, and what is gone makes room', async () => {
    const store = storeWith({ storedBytes: 2 ** 20 });
    const what = submission({ entries: `9.9.9.9\n${'#'.repeat(150_000)}` });
    const outcomes = [await begin(store, what), await begin(store, what), await begin(store, what)];
    expect(outcomes.map(isIn)).toEqual([true, true, false]);
    expect(refusalOf(outcomes[2] ?? {})?.message).toMatch(
      /^the project has 0\.7 MB stored .*, this takes 0\.4 MB more, and 1\.0 MB is the limit \(MAX_STORED_MB\)/,
    );
    const [first] = outcomes;
    if (!first || !isIn(first)) throw new Error('it is in');
    await redis.del(submissionKeys(first.id).facts);
    await eventually('it is added up anew', async () => isIn(await begin(store, what)));
  });

  it('is counted anew when planning has made more of it, and then says so', async () => {
    const store = storeWith({ storedBytes: 2 ** 20 });
    const what = submission();
    const id = randomUUID();
    await store.begin(id, what, id);
    const facts = { id, ...what };
    expect(await store.measure(facts)).toBeUndefined();
    await redis.hset(submissionKeys(id).resolved, 0, 'x'.repeat(2 ** 20));
    expect(await store.measure(facts)).toEqual([
      'project',
      'bytes',
      expect.any(Number),
      expect.any(Number),
      2 ** 20,
    ]);
    expect(isIn(await begin(store, what))).toBe(false);
  });

  it('includes what a run takes over from its plan', async () => {
    const none = storeWith({});
    const what = submission({ kind: 'plan', entries: '9.9.9.9' });
    const id = randomUUID();
    await none.begin(id, what, id);
    await redis.hset(submissionKeys(id).facts, 'state', 'done');
    await redis.set(submissionKeys(id).expanded, 'x'.repeat(600_000));
    await none.measure({ id, ...what });
    const request = { plan: id, project: what.project, user: what.user };
    await expect(storeWith({ storedBytes: 2 ** 20 }).beginPlanned(randomUUID(), request)).rejects.toThrow(
      /MAX_STORED_MB/,
    );
    await expect(storeWith({ openSubmissions: 1 }).beginPlanned(randomUUID(), request)).rejects.toThrow(
      /MAX_OPEN_SUBMISSIONS/,
    );
    expect(await none.beginPlanned(randomUUID(), request)).toBe('begun');
  });

  it('includes the rules that are kept for a project', async () => {
    const what = submission();
    const project = Array.from({ length: 20_000 }, (_, index) => `host-${index}.of.a.project.example.com`);
    const shared = {
      ref: { installation: randomUUID(), project: randomUUID() },
      installation: { allowPrivate: false, exclusions: [] },
      project,
    };
    await new RuleStore(redis, compute).hold(shared, what.project);
    expect(refusalOf(await begin(storeWith({ storedBytes: 2 ** 19 }), what))?.message).toMatch(
      /MAX_STORED_MB/,
    );
    expect(isIn(await begin(storeWith({ storedBytes: 2 ** 19 }), submission()))).toBe(true);
  });

  it('every count has an end', async () => {
    await begin(storeWith({}), submission({ kind: 'plan' }));
    for (const key of await redis.keys(QUOTA_PATTERN))
      expect([key, await redis.pttl(key)]).not.toEqual([key, -1]);
  });
});

describe('exclusions', () => {
  const entry = (name: string) => {
    const user = { id: randomUUID(), username: 'ann' };
    return [name, { entry: name, by: user, at: new Date().toISOString(), why: 'no', until: null }] as const;
  };
  it('are as many as the setting says, any number at 0, and can be made fewer when they are too many', async () => {
    const project = randomUUID();
    const many = new Map(['a.test', 'b.test', 'c.test'].map(entry));
    expect(await new ExclusionStore(redis, 2).add(project, many)).toBe('full');
    expect(await new ExclusionStore(redis, 0).add(project, many)).toBe('done');
    expect(await new ExclusionStore(redis, 1).remove(project, ['a.test'])).toEqual(['a.test']);
    expect(await new ExclusionStore(redis, 1).add(project, new Map([entry('d.test')]))).toBe('full');
  });
});
