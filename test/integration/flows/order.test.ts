import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NUMBERS_PER_SECOND, priorityOf } from '../../../src/adapters/dispatch/turnStore.ts';
import { setPriority } from '../../../src/flows/setPriority.ts';
import { Turns } from '../../../src/jobs/runner/turns.ts';
import type { NewSubmission, Priority } from '../../../src/model/submission.ts';
import { LANES } from '../../../src/targets/order/batches.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { submissionPattern } from '../../support/ownKeys.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS } from '../../support/stageContext.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

interface Wanted extends Partial<NewSubmission> {
  project: string;
  priority?: Priority;
}

/** Accepts it while nothing is sent, and waits until its jobs stand in line. */
async function inLine({ priority = 3, ...rest }: Wanted): Promise<string> {
  const id = await scene.submit({ ...rest, options: { ...OPTIONS, priority } });
  await scene.untilState(id, 'dispatching');
  return id;
}

/** The projects whose tasks come out of RabbitMQ, in the order in which they first come. */
async function firstOnes(): Promise<string[]> {
  await scene.queues.publish.resume();
  const seen: string[] = [];
  await eventually('everything is sent', async () => {
    for (const { task } of await takeTasks(scene.stages.vhost))
      if (!seen.includes(task.project)) seen.push(task.project);
    return (
      (await scene.queues.publish.getPrioritizedCount()) === 0 &&
      (await scene.queues.publish.getActiveCount()) === 0
    );
  });
  for (const { task } of await takeTasks(scene.stages.vhost))
    if (!seen.includes(task.project)) seen.push(task.project);
  return seen;
}

/** One publish job at a time: what is sent at once has no order. */
function run(): void {
  scene.runJobs({ publish: { concurrency: 1 } });
}

it('a lower priority number is sent first, whenever it came', async () => {
  run();
  await scene.queues.publish.pause();
  const [last, usual, urgent] = [randomUUID(), randomUUID(), randomUUID()];
  await inLine({ project: last, entries: '11.4.0.0/29', priority: 5 });
  await inLine({ project: usual, entries: '11.5.0.0/29' });
  await inLine({ project: urgent, entries: '11.6.0.0/29', priority: 1 });
  expect(await firstOnes()).toEqual([urgent, usual, last]);
});

it('one address does not wait behind the network of another project that came before', async () => {
  run();
  await scene.queues.publish.pause();
  const [large, small] = [randomUUID(), randomUUID()];
  const long = await inLine({ project: large, entries: '11.0.0.0/20' });
  const short = await inLine({ project: small, entries: '12.0.0.1' });
  const sentOfLarge = async () => (await scene.progress(long)).sent;
  await scene.queues.publish.resume();
  await scene.untilState(short, 'done');
  expect(await sentOfLarge()).toBeLessThanOrEqual(2 * 250);
  await scene.untilState(long, 'done');
});

it('the priority of a scan that waits is changed, and its tasks take the new place', async () => {
  run();
  await scene.queues.publish.pause();
  const [first, second] = [randomUUID(), randomUUID()];
  await inLine({ project: first, entries: '11.4.0.0/21' });
  const id = await inLine({ project: second, entries: '11.5.0.0/21' });
  const services = {
    ...scene.stores,
    queues: scene.queues,
    turns: new Turns(scene.stores.turnStore, scene.queues.publish),
  };
  const change = { project: second, id, priority: 2 as const };
  expect(await setPriority({ ...change, project: first }, services)).toBe('unknown');
  expect(await setPriority(change, services)).toBe('done');
  expect((await scene.progress(id)).priority).toBe(2);
  const waiting = await scene.queues.publish.getPrioritized(0, LANES - 1);
  expect(waiting.map(({ data }) => data.submission)).toEqual(Array.from({ length: LANES }, () => id));
  expect(await firstOnes()).toEqual([second, first]);
  expect(await setPriority(change, services)).toBe('ended');
});

it('the priority of a scan that is still planned is the one that its tasks begin with', async () => {
  run();
  await scene.queues.split.pause();
  await scene.queues.publish.pause();
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.7.0.0/29', options: { ...OPTIONS, priority: 4 } });
  const turns = new Turns(scene.stores.turnStore, scene.queues.publish);
  const services = { ...scene.stores, queues: scene.queues, turns };
  expect(await setPriority({ project, id, priority: 2 }, services)).toBe('done');
  await scene.queues.split.resume();
  await scene.untilState(id, 'dispatching');
  const [job] = await scene.queues.publish.getPrioritized();
  expect(priorityOf(job?.priority ?? 0)).toBe(2);
});

it('jobs that wait keep their order when their numbers are moved back', async () => {
  run();
  await scene.queues.publish.pause();
  const ids: string[] = [];
  for (let nth = 0; nth < 3; nth++)
    ids.push(await inLine({ project: randomUUID(), entries: `11.${nth}.0.0/22` }));
  const order = async () => (await scene.queues.publish.getPrioritized()).map(({ id }) => id);
  const numbers = async () => (await scene.queues.publish.getPrioritized()).map(({ priority }) => priority);
  const before = await order();
  // As if much had been sent: 250 s is where the second batch of each of them begins.
  const number = Math.min(...(await numbers())) + 250 * NUMBERS_PER_SECOND;
  await scene.stores.turnStore.end({ id: 'x', project: 'x' }, { lane: 0, sent: { number, tasks: 0 } });
  const turns = new Turns(scene.stores.turnStore, scene.queues.publish);
  const project = randomUUID();
  await scene.redis.hset(submissionPattern(project), 'priority', 3);
  await turns.next({ id: project, project }, { lane: 0, tasks: 50_000 });
  const highest = Math.max(...(await numbers()));
  await turns.next({ id: project, project }, { lane: 1, tasks: 1 });
  expect(Math.max(...(await numbers()))).toBeLessThan(highest);
  // Those whose turn it is already may change places among each other.
  expect((await order()).slice(6)).toEqual(before.slice(6));
  expect(ids).toHaveLength(3);
});
