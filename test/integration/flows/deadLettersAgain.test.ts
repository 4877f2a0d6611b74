/** Dead letters beside everything else that happens to a task: pauses, retries, exclusions, messages that come late. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STARTS_KEY, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { StartStore } from '../../../src/adapters/workers/startStore.ts';
import { buryDead } from '../../../src/flows/heal/buryDead.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { retryFailed } from '../../../src/flows/heal/retryFailed.ts';
import { takeOut } from '../../../src/flows/takeBack/takeOut.ts';
import { TargetCounter } from '../../../src/queries/targetCounts.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { LANES } from '../../../src/targets/order/batches.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { dyingScene } from '../../support/dyingScene.ts';
import { withRules, withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { workOn } from '../../support/workOn.ts';

let scene: FlowScene;
let api: ApiFlows;
let project: string;

beforeEach(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
  project = randomUUID();
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
});

const look = () => buryDead(scene.services);
const depth = () => scene.services.broker.depth();
const isReady = () => eventually('it is ready', async () => (await depth()) > 0);
const failedOf = async (id: string) => (await scene.progress(id)).failed;
const { sent, begin, dieOf } = dyingScene(
  () => scene,
  () => project,
);
const retry = (id: string) => retryFailed({ project, id }, withTurns(scene));

/** What is told of a scan; whatever happens, it adds up. */
async function counts(id: string) {
  const { targetStore, workers, tasks } = scene.stores;
  const sending = await targetStore.dispatchState(id, LANES);
  if (sending === undefined) throw new Error('nothing is kept of it');
  const counter = new TargetCounter(new TargetStates(targetStore, workers), targetStore, tasks);
  const told = await counter.counts(sending);
  const { done, dropped, stopped, failed, remaining } = told;
  expect(done + dropped + stopped + failed + remaining).toBe(told.total);
  return told;
}

it('a pause that ends it is no death, however often', async () => {
  const id = await sent();
  const by = { since: new Date().toISOString(), by: 'ann', why: null, running: 'kill' as const };
  for (let times = 0; times < 12; times++) {
    const worker = await begin('a', 1_000 + times);
    await api.flows.pause({ project }, by);
    await eventually('it is told', () => worker.cancelled.includes(worker.task));
    await worker.die();
    await eventually('its message is back', async () => (await depth()) === 1);
    await takeTasks(scene.stages.vhost);
    await api.flows.resume({ project });
    await isReady();
    // Another process sees what its worker left behind.
    await new StartStore(scene.redis).note([workerKeys.running(worker.task, 'a')]);
    await look();
    expect(await failedOf(id)).toBe(0);
  }
  // And hides no task that kills.
  await dieOf(['d', 'e', 'f'], 5_000);
  await look();
  expect(await failedOf(id)).toBe(1);
});

it('fails again after every retry', async () => {
  const id = await sent();
  for (let times = 0; times < 5; times++) {
    await dieOf(['a', 'b', 'c'], 1_000 + 10 * times);
    await look();
    expect(await failedOf(id)).toBe(1);
    expect(await counts(id)).toMatchObject({ failed: 1, done: 0, remaining: 0 });
    expect(await retry(id)).toBe(1);
    await isReady();
  }
});

it.each([true, false])(
  'what comes back when nothing is left of its worker goes too (answers: %s)',
  async (answers) => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    // The fourth is without power: RabbitMQ does not know yet, and its entries go before that.
    const fourth = await begin('d', 2_000, answers);
    await look();
    expect(await failedOf(id)).toBe(1);
    for (const host of ['a', 'b', 'c', 'd']) {
      await scene.redis.del(workerKeys.running(fourth.task, host), workerKeys.tool(host));
      await scene.redis.hdel('tasker:unanswered-pings', host);
    }
    await look();
    await look();
    await fourth.die();
    await isReady();
    await look();
    expect(await depth()).toBe(0);
    await look();
    expect(await scene.redis.exists(STARTS_KEY)).toBe(0);
  },
);

it('what a worker left behind that came back under its name goes, and it is told no more', async () => {
  const id = await sent();
  await dieOf(['a', 'a', 'a']);
  const [task = ''] = Object.keys(await scene.redis.hgetall(STARTS_KEY));
  await look();
  expect(await failedOf(id)).toBe(1);
  // It answers, so nobody takes it for gone; a cancel is of use only as long as there may be something to end.
  await look();
  const leftBy = [workerKeys.running(task, 'a'), workerKeys.tool('a')];
  expect(await scene.redis.exists(...leftBy)).toBe(2);
  const noted = String(await scene.redis.hget(STARTS_KEY, task));
  expect(noted).toMatch(/^!@\d+ /);
  const [mark = ''] = noted.split(' ');
  await scene.redis.hset(STARTS_KEY, task, noted.replace(mark, `!@${Number(mark.slice(2)) - 200}`));
  await look();
  expect(await scene.redis.exists(...leftBy, STARTS_KEY)).toBe(0);
});

it('of a task that has ended nothing is kept, whatever a worker left behind', async () => {
  await sent();
  await dieOf(['a', 'a']);
  const [task] = await takeTasks(scene.stages.vhost);
  await workOn(scene.redis, task ? [task] : []);
  expect(await scene.redis.exists(workerKeys.running(task?.id ?? '', 'a'))).toBe(1);
  await look();
  expect(await scene.redis.exists(STARTS_KEY)).toBe(0);
});

it('what was lost keeps its starts, however long it waits', async () => {
  const id = await sent();
  await dieOf(['a', 'b']);
  const [task] = await takeTasks(scene.stages.vhost);
  const facts = await scene.stores.submissions.facts(id);
  const lost = [{ id: task?.id ?? '', ip: '11.0.0.1', part: 0, ports: '80' }];
  await scene.stores.again.putBack(facts, lost, 'lost');
  await look();
  expect([...(await scene.stores.started.all()).values()]).toMatchObject([
    { starts: [{ worker: 'a' }, { worker: 'b' }], isDead: false },
  ]);
});

it('a start that could not be noted is noted by the next look', async () => {
  await sent();
  await scene.redis.set(STARTS_KEY, 'of another kind');
  await expect(begin('a', 1_000)).rejects.toThrow('WRONGTYPE');
  await scene.redis.del(STARTS_KEY);
  const [key = ''] = await scene.redis.keys('running:task:*');
  await scene.stores.started.note([key]);
  expect(await scene.redis.hlen(STARTS_KEY)).toBe(1);
});

describe('a retry', () => {
  it('of what was excluded since drops it', async () => {
    const id = await sent('11.0.0.1\n11.0.0.2');
    await dieOf(['a', 'b', 'c']);
    await look();
    const dead = (await scene.redis.hvals(submissionKeys(id).failed)).map((text) => JSON.parse(text)[0]);
    const asked = { project, submission: id, how: 'excluded', by: 'ann', entries: dead, running: 'kill' };
    await takeOut(asked as never, withRules(scene));
    expect(await failedOf(id)).toBe(1);
    expect(await retry(id)).toBe(1);
    await scene.untilState(id, 'done');
    await workOn(scene.redis, await takeTasks(scene.stages.vhost));
    await followScans(scene.services);
    expect(await counts(id)).toMatchObject({ total: 2, done: 1, dropped: 1, failed: 0, remaining: 0 });
    expect(await scene.progress(id)).toMatchObject({ state: 'finished', failed: 0 });
  });

  it('of what another scan holds by now sends nothing, and both scans finish', async () => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    await look();
    const other = await scene.submit({ project, entries: '11.0.0.1' });
    await scene.untilState(other, 'done');
    expect(await retry(id)).toBe(1);
    await eventually('nothing of it waits', async () => (await scene.stores.again.count(id)) === 0);
    await scene.untilState(id, 'done');
    expect(await depth()).toBe(1);
    expect(await counts(id)).toMatchObject({ total: 1, failed: 0, remaining: 0 });
    await workOn(scene.redis, await takeTasks(scene.stages.vhost));
    await followScans(scene.services);
    expect((await scene.progress(id)).state).toBe('finished');
    expect((await scene.progress(other)).state).toBe('finished');
  });

  it('of a finished scan opens it, and it is kept until it has ended again', async () => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    await look();
    await followScans(scene.services);
    expect(await scene.progress(id)).toMatchObject({ state: 'finished', failed: 1 });
    expect(await scene.redis.ttl(submissionKeys(id).facts)).toBeGreaterThan(0);
    expect(await retry(id)).toBe(1);
    expect(await scene.redis.ttl(submissionKeys(id).facts)).toBe(-1);
    expect(await retry(id)).toBe(0);
    await isReady();
    await scene.untilState(id, 'done');
    expect(await counts(id)).toMatchObject({ total: 1, sent: 1, done: 0, failed: 0, remaining: 1 });
    expect((await scene.progress(id)).finishedAt).toBeNull();
    await workOn(scene.redis, await takeTasks(scene.stages.vhost));
    await followScans(scene.services);
    expect((await scene.progress(id)).state).toBe('finished');
    expect(await counts(id)).toMatchObject({ done: 1, remaining: 0 });
    expect(await scene.redis.ttl(submissionKeys(id).facts)).toBeGreaterThan(0);
  });

  it('while the scan is paused waits for the resume', async () => {
    const id = await sent();
    await dieOf(['a', 'b', 'c']);
    await look();
    const by = { since: new Date().toISOString(), by: 'ann', why: null, running: 'finish' as const };
    await api.flows.pause({ project }, by);
    expect(await retry(id)).toBe(1);
    expect((await scene.progress(id)).state).toBe('paused');
    expect(await counts(id)).toMatchObject({ sent: 0, failed: 0, remaining: 1 });
    expect(await depth()).toBe(0);
    await api.flows.resume({ project });
    await isReady();
  });
});
