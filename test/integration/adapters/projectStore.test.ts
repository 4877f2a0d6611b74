/** What counts as queued, and as taken back, while a submission is planned. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { projectKeys } from '../../../src/adapters/redis/keys.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { eventually } from '../../support/services.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});

afterAll(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

const queued = (project: string) => scene.context.projects.activeOrQueued(project);

it('what intake expects counts until dedup knows the exact number, and then that counts', async () => {
  const project = randomUUID();
  const id = await scene.begin({ project, entries: '11.1.0.0/29\n10.0.0.1', expected: 7 });
  expect(await queued(project)).toBe(7);
  await runStage(expand, { submission: id }, scene.context);
  expect(await queued(project)).toBe(7);
  await runStage(dedup, { submission: id }, scene.context);
  expect(await queued(project)).toBe(6);
});

it('a submission of which nothing is known yet counts as one', async () => {
  const project = randomUUID();
  await scene.begin({ project });
  expect(await queued(project)).toBe(1);
});

it('one that comes to nothing counts no more as soon as that is known', async () => {
  const project = randomUUID();
  const id = await scene.begin({ project, entries: '10.0.0.1', expected: 1 });
  await runStage(expand, { submission: id }, scene.context);
  await runStage(dedup, { submission: id }, scene.context);
  expect(await queued(project)).toBe(0);
});

it('one that waits for a retry counts like any that is open, an ended one and a plan do not', async () => {
  const project = randomUUID();
  const id = await scene.begin({ project, expected: 5 });
  await scene.begin({ project, kind: 'plan', expected: 100 });
  const { submissions } = scene.context;
  expect(await queued(project)).toBe(5);
  await submissions.finish(id, project);
  expect(await queued(project)).toBe(0);
});

it('a stop counts what was being planned, and from then on nothing of it is queued', async () => {
  const project = randomUUID();
  const planning = await scene.begin({ project, expected: 5 });
  const planned = await scene.begin({ project, entries: '11.2.0.0/29', expected: 6 });
  await runStage(expand, { submission: planned }, scene.context);
  await runStage(dedup, { submission: planned }, scene.context);
  const { ids, waiting } = await scene.context.projects.stopProject(project);
  expect(new Set(ids)).toEqual(new Set([planning, planned]));
  expect(waiting).toBe(11);
  expect(await queued(project)).toBe(0);
});

it('a run of a plan counts from its first moment with what the plan came to', async () => {
  const project = randomUUID();
  const plan = await scene.begin({ project, kind: 'plan', entries: '11.3.0.0/29', expected: 6 });
  const { submissions, decisions } = scene.context;
  await runStage(expand, { submission: plan }, scene.context);
  await runStage(dedup, { submission: plan }, scene.context);
  await decisions.endPlanning(await submissions.facts(plan));
  expect(await queued(project)).toBe(0);
  const user = { id: randomUUID(), username: 'ann' };
  expect(await submissions.beginPlanned(randomUUID(), { plan, project, user })).toBe('begun');
  expect(await queued(project)).toBe(6);
});

it('another project has no such plan, before and after it has run', async () => {
  const project = randomUUID();
  const foreign = randomUUID();
  const plan = await scene.begin({ project, kind: 'plan', entries: '11.3.0.0/29', expected: 6 });
  await runStage(expand, { submission: plan }, scene.context);
  await runStage(dedup, { submission: plan }, scene.context);
  const { submissions, decisions } = scene.context;
  await decisions.endPlanning(await submissions.facts(plan));
  const user = { id: randomUUID(), username: 'ann' };
  const id = randomUUID();
  expect(await submissions.beginPlanned(id, { plan, project: foreign, user })).toBe('unplanned');
  expect(await submissions.beginPlanned(id, { plan, project, user })).toBe('begun');
  expect(await submissions.beginPlanned(id, { plan, project, user })).toBe('known');
  expect(await submissions.beginPlanned(id, { plan, project: foreign, user })).toBe('unplanned');
});

it('the lease of a stop is renewed while its owner works, and free soon after the owner has died', async () => {
  const project = randomUUID();
  const { projects } = scene.context;
  const release = await projects.lockStop(project);
  const key = projectKeys(project).stopLock;
  const left = async () => scene.redis.pttl(key);
  await eventually('time passes', async () => (await left()) < 7_000);
  await eventually('it is renewed', async () => (await left()) > 7_000);
  expect(await projects.lockStop(project)).toBeUndefined();
  await release?.();
  expect(await left()).toBe(-2);

  await scene.redis.set(key, 'of a process that died', 'PX', await ownTtl());
  const next = await eventually('another one takes it', () => projects.lockStop(project));
  await next();
});

/** What a fresh lease has. */
async function ownTtl(): Promise<number> {
  const project = randomUUID();
  const release = await scene.context.projects.lockStop(project);
  const ttl = await scene.redis.pttl(projectKeys(project).stopLock);
  await release?.();
  expect(ttl).toBeLessThanOrEqual(10_000);
  return ttl;
}
