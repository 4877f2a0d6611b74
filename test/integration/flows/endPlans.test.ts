/** Plans that end: while somebody waits for one, and while a job of one is still at work. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endPlans, finishPlanEnds } from '../../../src/flows/stop/endPlans.ts';
import { untilPlanned } from '../../../src/flows/untilPlanned.ts';
import { BusyError } from '../../../src/runtime/errors.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let api: ApiFlows;
const project = randomUUID();

beforeEach(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
});

const plan = (entries: string) => scene.submit({ project, kind: 'plan', entries });

it('whoever waits for a plan that is gone meanwhile is told that it was stopped; who comes later is not', async () => {
  const id = await plan('11.0.0.1');
  let looks = 0;
  const progress = () => {
    looks += 1;
    return scene.stores.view.progress(id);
  };
  const waiting = untilPlanned(id, 60_000, { progress, events: api.events });
  await eventually('it is looked at', () => looks > 0);
  // All at once: no look comes between the mark and the end.
  await scene.stores.submissions.forget(id, project);
  expect(await waiting).toMatchObject({ id, kind: 'plan', state: 'stopped' });
  await expect(untilPlanned(id, 60_000, { progress, events: api.events })).rejects.toThrow(BusyError);
});

it('a plan with a job at work keeps up no other one, and ends when that job has ended', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let atWork = false;
  scene.runJobs({
    expand: {
      run: async () => {
        atWork = true;
        await ended;
        return {};
      },
    },
  });
  const busy = await plan('11.0.0.1');
  await eventually('a job is at work', () => atWork);
  await scene.queues.expand.pause();
  const other = await plan('11.0.0.2');
  for (const id of [busy, other]) await scene.stores.submissions.endPlan(id, project);
  const both = new Map([busy, other].map((id) => [id, project]));
  try {
    await expect(endPlans(both, scene.services, 100)).rejects.toThrow(BusyError);
    expect(await scene.stores.submissions.endingPlans()).toEqual({ [busy]: project });
    expect(await scene.stores.view.progress(other)).toBeUndefined();
  } finally {
    end();
  }
  await finishPlanEnds(scene.services);
  expect(await scene.stores.submissions.endingPlans()).toEqual({});
  expect(await scene.stores.view.progress(busy)).toBeUndefined();
});
