/** A stage that begins when its project was stopped, or RabbitMQ is away, changes nothing. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { publish } from '../../../src/jobs/publish/publish.ts';
import type { Stage } from '../../../src/jobs/runner/stage.ts';
import { split } from '../../../src/jobs/split.ts';
import { queueDepth } from '../../support/scanQueue.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeEach(async () => {
  scene = await stageScene(createResolver());
});
afterEach(async () => {
  scene?.context.resolver.close();
  await scene?.close();
});

const PLANNING = [expand, dedup, split];
const run = (stage: Stage, id: string) => runStage(stage, { submission: id, index: 0 }, scene.context);

it.each([
  ['dedup', 1],
  ['split', 2],
] as const)('%s of a stopped submission reserves and injects nothing', async (_, at) => {
  const project = randomUUID();
  const id = await scene.begin({ project, entries: '11.60.0.0/29' });
  for (const stage of PLANNING.slice(0, at)) await run(stage, id);
  await scene.context.projects.stopProject(project);
  scene.injected.length = 0;
  expect(await run(PLANNING[at] as Stage, id)).toEqual({ stopped: true });
  expect(scene.injected).toEqual([]);
  expect((await scene.context.submissions.find(id))?.state).toBe('stopped');
});

it('a batch of a stopped submission is not sent', async () => {
  const project = randomUUID();
  const id = await scene.begin({ project, entries: '11.61.0.0/29' });
  for (const stage of PLANNING) await run(stage, id);
  await scene.context.projects.stopProject(project);
  await scene.context.projects.stopEnded(project);
  expect(await run(publish, id)).toEqual({ stopped: true });
  expect(await queueDepth(scene.vhost)).toBe(0);
});

it('a batch waits while RabbitMQ is away, and nothing of it is tracked', async () => {
  const project = randomUUID();
  const id = await scene.begin({ project, entries: '11.62.0.0/29' });
  for (const stage of PLANNING) await run(stage, id);
  await scene.context.broker.close();
  await expect(run(publish, id)).rejects.toThrow('RabbitMQ is away');
  for await (const page of scene.context.tasks.tasksOut(project)) expect(page).toEqual([]);
});
