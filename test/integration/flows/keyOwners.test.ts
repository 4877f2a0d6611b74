/** Every key has an owner and an end, whatever became of a submission. */

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_KEY, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { deletePlan, finishPlanEnds } from '../../../src/flows/stop/endPlans.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { runPlan } from '../../../src/flows/submit.ts';
import { listPlans } from '../../../src/queries/planList.ts';
import { PermanentError, ScopeError } from '../../../src/runtime/errors.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { documentedPatterns, ownerless, RULE_PATTERNS } from '../../support/keyOwners.ts';
import { eventually } from '../../support/services.ts';

const DAY_MS = 24 * 3_600_000;
const GIVES_UP = {
  attempts: 1,
  run: async () => {
    throw new PermanentError('no way');
  },
};
let scene: FlowScene;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const stopAll = () => stop(project, scene.services);
const entries = '11.1.0.0/28\nlocalhost.invalid';
const submit = (kind: 'plan' | 'scan') =>
  scene.submit({ kind, project, entries, names: 1, exclude: ['11.1.0.3'] });
const plans = () =>
  listPlans(
    project,
    { limit: 50 },
    { redis: scene.redis, index: scene.stores.planIndex, view: scene.stores.view },
  );
const keysOf = (id: string) => scene.redis.keys(`*${id}*`);
/** All that is left when the time of everything that has an expiry is over. */
async function expireAll(): Promise<void> {
  for (const key of await scene.redis.keys('*'))
    if ((await scene.redis.pttl(key)) !== -1) await scene.redis.del(key);
}
async function untilJobFails(id: string): Promise<void> {
  await scene.untilState(id, 'failed');
}

it('the rules are those of the documentation', () =>
  expect([...documentedPatterns()].sort()).toEqual([...RULE_PATTERNS].sort()));

describe.each(['plan', 'scan'] as const)('no key is left without owner and end of a %s', (kind) => {
  it('that waits', async () => {
    await submit(kind);
    expect(await ownerless(scene.redis)).toEqual([]);
  });

  it('that has ended', async () => {
    scene.runJobs();
    const id = await submit(kind);
    await scene.untilState(id, 'done');
    await eventually('its root is through', async () => (await scene.redis.hlen(OPEN_KEY)) === 0);
    expect(await ownerless(scene.redis)).toEqual([]);
    await stopAll();
    await expireAll();
    expect(await scene.redis.keys('tasker:project:*')).toEqual([]);
    expect(await scene.redis.keys('tasker:submission:*')).toEqual([]);
  });

  it.each([
    ['failed', new PermanentError('no way')],
    ['is refused', new ScopeError('not here')],
  ])('that %s, until nobody tries it again any more', async (_how, error) => {
    scene.runJobs({ dedup: { attempts: 1, run: () => Promise.reject(error) } });
    const id = await submit(kind);
    await untilJobFails(id);
    expect(await ownerless(scene.redis)).toEqual([]);
    const lifeMs = kind === 'plan' ? DAY_MS : 14 * DAY_MS;
    await scene.resumeFlows(Date.now() + lifeMs - 60_000);
    expect(await scene.redis.hkeys(OPEN_KEY)).toEqual([id]);
    await scene.resumeFlows(Date.now() + lifeMs);
    expect(await scene.redis.hkeys(OPEN_KEY)).toEqual([]);
    expect(await ownerless(scene.redis)).toEqual([]);
    await expireAll();
    expect(await keysOf(id)).toEqual([]);
    expect(await scene.redis.keys('tasker:project:*')).toEqual([]);
  });

  it('that is stopped while it is planned', async () => {
    const jobs = scene.runJobs({ dedup: untilAborted });
    const id = await submit(kind);
    await dedupRuns(id);
    const stopped = stopAll();
    await eventually('it is marked', async () => {
      return (await scene.redis.hget(submissionKeys(id).facts, 'state')) !== 'planning';
    });
    jobs.cancel(id);
    expect(await stopped).toMatchObject({ submissions: [id] });
    expect(await ownerless(scene.redis)).toEqual([]);
    await expireAll();
    expect(await keysOf(id)).toEqual([]);
  });

  it('of which nothing is kept any more', async () => {
    scene.runJobs({ expand: GIVES_UP });
    const id = await submit(kind);
    await eventually('its job fails', async () => (await scene.queues.expand.getFailedCount()) === 1);
    await scene.redis.del(submissionKeys(id).facts);
    await scene.resumeFlows();
    await expireAll();
    expect(await keysOf(id)).toEqual([]);
    expect(await scene.redis.keys('tasker:project:*')).toEqual([]);
  });
});

const untilAborted = {
  run: (_ref: unknown, { signal }: { signal: AbortSignal | undefined }) =>
    new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    }),
};
const dedupRuns = (id: string) =>
  eventually('dedup runs', async () => (await scene.queues.dedup.getJobState(`${id}-dedup`)) === 'active');

describe('a plan that is deleted', () => {
  it('leaves nothing, made or not', async () => {
    const jobs = scene.runJobs();
    const made = await submit('plan');
    await scene.untilState(made, 'done');
    await jobs.close();
    const waiting = await submit('plan');
    for (const id of [made, waiting]) {
      expect(await deletePlan(id, project, scene.services)).toBe(true);
      expect(await keysOf(id)).toEqual([]);
      expect(await deletePlan(id, project, scene.services)).toBe(false);
    }
    expect(await ownerless(scene.redis)).toEqual([]);
    expect((await plans()).plans).toEqual([]);
  });

  it('is not deleted by another project, and no scan is', async () => {
    const [plan, scan] = [await submit('plan'), await submit('scan')];
    expect(await deletePlan(plan, randomUUID(), scene.services)).toBe(false);
    expect(await deletePlan(scan, project, scene.services)).toBe(false);
    expect(await scene.redis.hlen(OPEN_KEY)).toBe(2);
  });

  it('goes also when whoever deleted it died, and cannot be run meanwhile', async () => {
    scene.runJobs();
    const id = await submit('plan');
    await scene.untilState(id, 'done');
    await scene.services.submissions.endPlan(id, project);
    const run = { plan: id, project, user: { id: 'u', username: 'ann' } };
    expect(await runPlan(run, scene.services)).toBeUndefined();
    await finishPlanEnds(scene.services);
    expect(await keysOf(id)).toEqual([]);
    expect(await ownerless(scene.redis)).toEqual([]);
  });

  it('does not end the scan that runs it', async () => {
    const jobs = scene.runJobs();
    const id = await submit('plan');
    await scene.untilState(id, 'done');
    await jobs.close();
    const run = await runPlan({ plan: id, project, user: { id: 'u', username: 'ann' } }, scene.services);
    await deletePlan(id, project, scene.services);
    scene.runJobs();
    const { summary } = await scene.untilState(run?.id ?? '', 'done');
    expect(summary.sent_to_scan).toBe(13);
  });
});

it('a stop leaves plans that are made, and those of others', async () => {
  scene.runJobs();
  const made = await submit('plan');
  await scene.untilState(made, 'done');
  const others = await scene.submit({ kind: 'plan', project: randomUUID() });
  await scene.untilState(others, 'done');
  expect(await stopAll()).toEqual({ revoked: 0, submissions: [] });
  expect((await scene.progress(made)).state).toBe('done');
  expect((await scene.progress(others)).state).toBe('done');
});

it('plans are listed newest first with their ends, failed ones too', async () => {
  const first = scene.runJobs();
  const made = await submit('plan');
  await scene.untilState(made, 'done');
  await eventually('its root is through', async () => (await scene.redis.hlen(OPEN_KEY)) === 0);
  await first.close();
  const second = scene.runJobs({ expand: GIVES_UP });
  const failed = await submit('plan');
  await untilJobFails(failed);
  await second.close();
  const waiting = await submit('plan');
  await submit('scan');
  const { plans: listed } = await plans();
  expect(listed.map(({ progress: { id, state } }) => [id, state])).toEqual([
    [waiting, 'planning'],
    [failed, 'failed'],
    [made, 'done'],
  ]);
  const [none, ...ends] = listed.map(({ expiresAt }) => expiresAt);
  expect(none).toBeUndefined();
  for (const end of ends) {
    const leftMs = Date.parse(end ?? '') - Date.now();
    expect(leftMs).toBeGreaterThan(DAY_MS - 120_000);
    expect(leftMs).toBeLessThanOrEqual(DAY_MS);
  }
});
