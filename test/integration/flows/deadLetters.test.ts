/** Tasks that kill their workers: begun three times they are taken out, and sent again when somebody wants it. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STARTS_KEY, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { buryDead } from '../../../src/flows/heal/buryDead.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { retryFailed } from '../../../src/flows/heal/retryFailed.ts';
import { cancel } from '../../../src/flows/stop/cancel.ts';
import { addAgain } from '../../../src/flows/takeBack/sendAgain.ts';
import { explain } from '../../../src/queries/explain/explain.ts';
import { TargetCounter } from '../../../src/queries/targetCounts.ts';
import { TargetList } from '../../../src/queries/targetList/targetList.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { parseAddress } from '../../../src/targets/address/address.ts';
import { LANES } from '../../../src/targets/order/batches.ts';
import { singleAddress } from '../../../src/targets/sets/addressSet.ts';
import { dyingScene } from '../../support/dyingScene.ts';
import { withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { ownerless } from '../../support/keyOwners.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { workOn } from '../../support/workOn.ts';

let scene: FlowScene;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const look = () => buryDead(scene.services);
const depth = () => scene.services.broker.depth();
const { sent, begin, dieOf } = dyingScene(
  () => scene,
  () => project,
);

async function told(id: string) {
  const { targetStore, workers, tasks } = scene.stores;
  const states = new TargetStates(targetStore, workers);
  const sending = await targetStore.dispatchState(id, LANES);
  if (sending === undefined) throw new Error('nothing is kept of it');
  const counts = await new TargetCounter(states, targetStore, tasks).counts(sending);
  const list = new TargetList(targetStore, states);
  const failed = (await list.page(project, id, { limit: 10, state: 'failed' }))?.targets;
  return { counts, failed };
}

it('what three workers began and none ended is taken out, with who and when, and its keys go', async () => {
  const id = await sent('11.0.0.1\n11.0.0.2');
  const task = await dieOf(['a', 'b', 'c']);
  const [ip, ports] = await scene.redis.hmget(workerKeys.task(task), 'ip', 'ports');
  await look();
  expect(await depth()).toBe(1);
  const starts = [
    { worker: 'a', started_at: '1970-01-01T00:16:40.000Z' },
    { worker: 'b', started_at: '1970-01-01T00:16:41.000Z' },
    { worker: 'c', started_at: '1970-01-01T00:16:42.000Z' },
  ];
  expect(await told(id)).toMatchObject({
    counts: { total: 2, sent: 2, done: 0, failed: 1, remaining: 1 },
    failed: [{ target: ip, state: 'failed', reason: null, task_id: task, starts }],
  });
  const { targetStore, workers } = scene.stores;
  const states = new TargetStates(targetStore, workers);
  const { compute } = scene.stages.context;
  const asked = { range: singleAddress(parseAddress(ip ?? '') ?? 0) };
  const explained = await explain(project, asked, undefined, { ...scene.stores, states, compute });
  expect(explained.explanations[0]?.addresses).toMatchObject([{ state: 'failed', task_id: task, starts }]);
  expect((await scene.progress(id)).failed).toBe(1);
  expect(await scene.redis.exists(workerKeys.task(task))).toBe(0);
  expect(await scene.redis.exists(workerKeys.lock(project, ip ?? '', ports ?? ''))).toBe(0);
  expect(await scene.redis.sismember(workerKeys.projectTasks(project), task)).toBe(0);
  expect(scene.lines.filter((line) => line.includes('never ended'))).toHaveLength(1);
  // The other one ends, and so does the scan.
  await workOn(scene.redis, await takeTasks(scene.stages.vhost));
  await followScans(scene.services);
  expect(await scene.progress(id)).toMatchObject({ state: 'finished', failed: 1 });
  expect(await scene.redis.ttl(submissionKeys(id).failed)).toBeGreaterThan(0);
  expect(await ownerless(scene.redis)).toEqual([]);
});

it('two starts are no reason, nor is a third that goes on, or that ends', async () => {
  const id = await sent();
  const task = await dieOf(['a', 'b']);
  await look();
  expect(await depth()).toBe(1);
  const third = await begin('c', 2_000);
  expect(third.task).toBe(task);
  await look();
  expect(third.cancelled).toEqual([]);
  expect((await scene.progress(id)).failed).toBe(0);
  await third.die();
  await workOn(scene.redis, await takeTasks(scene.stages.vhost));
  await look();
  expect((await scene.progress(id)).failed).toBe(0);
});

it('one that begins it a fourth time is told to end it, also when it comes back once more', async () => {
  const id = await sent();
  const task = await dieOf(['a', 'a', 'a']);
  const fourth = await begin('a', 3_000);
  await look();
  await eventually('it is told', () => fourth.cancelled.includes(task));
  expect((await scene.progress(id)).failed).toBe(1);
  await fourth.die();
  await eventually('it is ready again', async () => (await depth()) === 1);
  await look();
  expect(await depth()).toBe(0);
  expect((await scene.progress(id)).failed).toBe(1);
});

it('where a worker does not say what it has, the queue tells', async () => {
  const id = await sent('11.0.0.1\n11.0.0.2');
  await dieOf(['a', 'b', 'c']);
  const third = await begin('silent', 2_000, false);
  // It has the dead letter: its fourth start.
  await look();
  expect((await scene.progress(id)).failed).toBe(1);
  await third.die();
  await look();
  const other = await dieOf(['d', 'e'], 5_000);
  const busy = await begin('f', 6_000, false);
  expect(busy.task).toBe(other);
  await look();
  expect((await scene.progress(id)).failed).toBe(1);
});

it('what is buried by a process that dies is taken out by the next one', async () => {
  const id = await sent();
  const task = await dieOf(['a', 'b', 'c']);
  const facts = await scene.stores.submissions.facts(id);
  const [ip = '', ports = ''] = await scene.redis.hmget(workerKeys.task(task), 'ip', 'ports');
  const starts = [{ worker: 'a', at: 1 }];
  const dead = [{ id: task, ip: ip ?? '', part: 0, ports: ports ?? '', starts }];
  expect(await scene.stores.again.putBack(facts, dead, 'failed')).toBe(1);
  expect(await depth()).toBe(1);
  await look();
  expect(await depth()).toBe(0);
  expect((await scene.progress(id)).failed).toBe(1);
});

it('what ended in the moment in which it was to be buried stays as it is', async () => {
  const id = await sent();
  const facts = await scene.stores.submissions.facts(id);
  const [task] = await takeTasks(scene.stages.vhost);
  await workOn(scene.redis, task ? [task] : []);
  const dead = [{ id: task?.id ?? '', ip: '11.0.0.1', part: 0, ports: '80', starts: [] }];
  expect(await scene.stores.again.putBack(facts, dead, 'failed')).toBe(0);
  expect((await scene.progress(id)).failed).toBe(0);
});

it('what was taken back is no death, and what was lost keeps its starts', async () => {
  const id = await sent();
  const facts = await scene.stores.submissions.facts(id);
  const again = async (how?: 'lost') => {
    const [task] = await takeTasks(scene.stages.vhost);
    await scene.stores.again.putBack(
      facts,
      [{ id: task?.id ?? '', ip: '11.0.0.1', part: 0, ports: '80' }],
      how,
    );
    await addAgain(id, withTurns(scene));
    await eventually('it is sent again', async () => (await depth()) === 1);
    await scene.untilState(id, 'done');
  };
  for (const [index, host] of ['a', 'b', 'c'].entries()) {
    await dieOf([host], 1_000 + index);
    await again();
  }
  expect([...(await scene.stores.started.all()).values()]).toEqual([{ starts: [], isDead: false }]);
  await dieOf(['d', 'e'], 2_000);
  await again('lost');
  await dieOf(['f'], 3_000);
  await look();
  expect((await scene.progress(id)).failed).toBe(1);
});

it('of a task that is not out nothing is noted', async () => {
  await scene.redis.rpush(workerKeys.running('none', 'a'), JSON.stringify({ ip: '1.1.1.1', started_at: 1 }));
  await scene.stores.started.note([workerKeys.running('none', 'a'), 'running:nonsense']);
  expect(await scene.redis.exists(STARTS_KEY)).toBe(0);
});

describe('what has failed', () => {
  it('is sent again with its id when somebody wants it, and ends', async () => {
    const id = await sent();
    const task = await dieOf(['a', 'b', 'c']);
    await look();
    expect(await retryFailed({ project, id }, withTurns(scene))).toBe(1);
    await eventually('it is ready', async () => (await depth()) === 1);
    await scene.untilState(id, 'done');
    // The entries of its dead workers say what they said before.
    const entries = ['a', 'b', 'c'].map((host) => workerKeys.running(task, host));
    await scene.stores.started.note(entries);
    await look();
    const [again] = await takeTasks(scene.stages.vhost);
    expect(again?.id).toBe(task);
    await workOn(scene.redis, again ? [again] : []);
    expect(await told(id)).toMatchObject({
      counts: { sent: 1, done: 1, failed: 0, remaining: 0 },
      failed: [],
    });
    expect(await retryFailed({ project, id }, withTurns(scene))).toBe(0);
  });

  it('can fail again', async () => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    await look();
    await retryFailed({ project, id }, withTurns(scene));
    await eventually('it is ready', async () => (await depth()) === 1);
    await dieOf(['a', 'b'], 9_000);
    await look();
    expect((await scene.progress(id)).failed).toBe(0);
    await dieOf(['c'], 9_100);
    await look();
    expect((await scene.progress(id)).failed).toBe(1);
  });

  it('leaves the address to others', async () => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    await look();
    const other = await scene.submit({ project, entries: '11.0.0.1' });
    await scene.untilState(other, 'done');
    expect(await depth()).toBe(1);
    // It is not sent twice.
    expect(await retryFailed({ project, id }, withTurns(scene))).toBe(1);
    await scene.untilState(id, 'done');
    await eventually('nothing of it waits', async () => (await scene.stores.again.count(id)) === 0);
    expect(await depth()).toBe(1);
  });

  it('is not sent again by another project, and not when its scan is cancelled', async () => {
    const id = await sent('11.0.0.1\n11.0.0.2');
    await dieOf(['a', 'b', 'c']);
    await look();
    const other = { project: randomUUID(), id };
    expect(await retryFailed(other, withTurns(scene))).toBe('unknown');
    expect(await retryFailed({ project, id: randomUUID() }, withTurns(scene))).toBe('unknown');
    await cancel({ project, id, running: 'kill' }, scene.services);
    expect(await retryFailed({ project, id }, withTurns(scene))).toBe('ended');
    expect((await told(id)).counts).toMatchObject({ total: 2, done: 0, failed: 1, stopped: 1, remaining: 0 });
  });
});
