/** Planning has shares: what one project plans for long is in nobody's way. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FLOW } from '../../../src/flows/tree.ts';
import { ProjectShares } from '../../../src/jobs/runner/projectShares.ts';
import type { StageContext } from '../../../src/jobs/runner/stage.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

describe('a share', () => {
  it('is never exceeded, calls back each job once in its order, and keeps nothing in the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(2)), (share, projects) => {
        const shares = new ProjectShares(share, async () => true);
        const running: string[] = [];
        const aside: { project: string; job: string }[] = [];
        for (const [index, number] of projects.entries()) {
          const project = `p${number}`;
          const fits = running.filter((one) => one === project).length < share;
          expect(shares.enter(project)).toBe(fits);
          if (fits) running.push(project);
          else {
            shares.setAside(project, `job-${index}`);
            aside.push({ project, job: `job-${index}` });
            expect(shares.next(project)).toBeUndefined();
          }
        }
        for (let project = running.shift(); project !== undefined; project = running.shift()) {
          shares.leave(project);
          const first = aside.findIndex((one) => one.project === project);
          expect(shares.next(project)).toBe(aside[first]?.job);
          if (first < 0) continue;
          aside.splice(first, 1);
          expect(shares.enter(project)).toBe(true);
          running.push(project);
        }
        expect(aside).toEqual([]);
      }),
    );
  });
});

let scene: FlowScene;
let opened: Promise<void>;
let open: () => void;

beforeEach(async () => {
  opened = new Promise((resolve) => {
    open = resolve;
  });
  scene = await flowScene();
});
afterEach(() => {
  open();
  return scene?.close();
});

describe.each(['expand', 'resolve', 'dedup'] as const)('in %s', (stage) => {
  const { share = 0, concurrency, run } = FLOW[stage];

  it('a project that has all of its share at work for long is not in the way of another', async () => {
    const busy = randomUUID();
    let atWork = 0;
    let most = 0;
    const waits = async (ref: Parameters<typeof run>[0], context: StageContext) => {
      const { project } = await context.submissions.facts(ref.submission);
      if (project === busy) {
        most = Math.max(most, ++atWork);
        await opened;
        atWork--;
      }
      return run(ref, context);
    };
    scene.runJobs({ [stage]: { run: waits } });
    const submit = (project: string) =>
      scene.submit({ kind: 'plan', project, entries: 'localhost\n11.0.0.1', names: 1 });
    const ids: string[] = [];
    for (let i = 0; i < concurrency + 3; i++) ids.push(await submit(busy));
    await eventually('its share is at work', () => atWork === share);
    await eventually(
      'nothing waits any more',
      async () => (await scene.queues[stage].getWaitingCount()) === 0,
    );
    for (let i = 0; i < 3; i++) await scene.untilState(await submit(randomUUID()), 'done');
    expect(most).toBe(share);
    open();
    for (const id of ids) await scene.untilState(id, 'done');
    expect(most).toBe(share);
  });
});

// All processes that are idle wake up when the time of a job that was set aside is over: when the second one came decides
// about who is first then, again and again.
it.each([300, 4_990])(
  'a job that one process set aside is done by another one that comes %i ms later',
  async (later) => {
    const project = randomUUID();
    const waits = async (ref: Parameters<typeof FLOW.dedup.run>[0], context: StageContext) => {
      await opened;
      return FLOW.dedup.run(ref, context);
    };
    scene.runJobs({ dedup: { run: waits, share: 1, concurrency: 2 } });
    const ids = [
      await scene.submit({ kind: 'plan', project }),
      await scene.submit({ kind: 'plan', project }),
    ];
    await eventually('one is set aside', async () => (await scene.queues.dedup.getDelayedCount()) === 1);
    await delay(later);
    scene.runJobs();
    const states = async () =>
      (await Promise.all(ids.map((id) => scene.progress(id)))).map(({ state }) => state);
    await eventually(
      'one of them is planned',
      async () => (await states()).some((state) => state !== 'planning'),
      30_000,
    );
    expect(await states()).toContain('planning');
    open();
    for (const id of ids) await scene.untilState(id, 'done');
  },
  60_000,
);
