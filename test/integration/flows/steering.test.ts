/** Pausing, resuming and cancelling as the API calls them, and while RabbitMQ is away; how the workers are shared. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { cancel, finishCancels } from '../../../src/flows/stop/cancel.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { keepOut } from '../../../src/flows/takeBack/keepOut.ts';
import { finishPauses, pause } from '../../../src/flows/takeBack/pause.ts';
import { addAgain, againJob, sendAgain } from '../../../src/flows/takeBack/sendAgain.ts';
import { dispatchStatus } from '../../../src/queries/dispatchStatus.ts';
import { type ApiFlows, apiFlows } from '../../support/apiFlows.ts';
import { connectedBroker } from '../../support/broker.ts';
import { withRules, withTurns } from '../../support/flowChanges.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { runStage } from '../../support/stageContext.ts';

let scene: FlowScene;
let api: ApiFlows;
let away: Broker;

beforeEach(async () => {
  scene = await flowScene();
  api = await apiFlows(scene);
  away = await connectedBroker(scene.stages.vhost);
  await away.close();
});
afterEach(async () => {
  await api?.close();
  await scene?.close();
});

const by = () => ({ since: new Date().toISOString(), by: 'ann', why: null, running: 'finish' as const });
const depth = () => scene.services.broker.depth();

/** A scan of which ten tasks are ready, and four wait. */
async function underWay(project: string): Promise<string> {
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await eventually('ten are ready', async () => (await depth()) === 10);
  return id;
}

it('the API pauses, resumes and cancels a scan, and everything', async () => {
  scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await underWay(project);
  const { flows } = api;
  expect(await flows.pause({ project, submission: id }, by())).toMatchObject({ ready: 10, complete: true });
  expect(await flows.resume({ project, submission: id })).toBe('done');
  await eventually('they are ready again', async () => (await depth()) === 10);
  expect(await flows.pausedAll()).toBeUndefined();
  await flows.pause({}, by());
  expect(await flows.pausedAll()).toMatchObject({ by: 'ann' });
  expect(await flows.resume({})).toBe('done');
  expect(await flows.resume({ project, submission: randomUUID() })).toBe('unknown');
  const done = await flows.cancel({ project, id, running: 'kill' });
  expect(done).toMatchObject({ complete: true });
  expect(await flows.cancel({ project, id: randomUUID(), running: 'kill' })).toBe('unknown');
});

describe('while RabbitMQ is away', () => {
  it('a scan is paused at once, and its tasks come back when it answers', async () => {
    scene.runJobs({}, 10);
    const project = randomUUID();
    await underWay(project);
    const without = { ...scene.services, broker: away };
    expect(await pause({ project }, by(), without)).toMatchObject({ ready: 0, complete: false });
    await finishPauses(without);
    expect(await scene.stores.pauses.open()).toHaveLength(1);
    await finishPauses(scene.services);
    expect(await scene.stores.pauses.open()).toEqual([]);
    expect(await depth()).toBe(0);
  });

  it('a scan is cancelled at once, and its tasks are taken out when it answers', async () => {
    scene.runJobs({}, 10);
    const project = randomUUID();
    const id = await underWay(project);
    const without = { ...scene.services, broker: away };
    expect(await cancel({ project, id, running: 'kill' }, without)).toMatchObject({
      ...{ waiting: 4, complete: false },
    });
    await finishCancels(without);
    expect(await scene.stores.cancels.open()).toEqual([{ id, project, running: 'kill' }]);
    await finishCancels(scene.services);
    expect(await scene.stores.cancels.open()).toEqual([]);
    expect(await depth()).toBe(0);
  });

  it('a scan is cancelled while a job of it waits for what RabbitMQ does not confirm; the rest follows', async () => {
    let confirm = () => {};
    const confirmed = new Promise<void>((resolve) => {
      confirm = resolve;
    });
    let atWork = false;
    const run = async () => {
      atWork = true;
      await confirmed;
      return {};
    };
    scene.runJobs({ publish: { run } });
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/28' });
    await eventually('a job is at work', () => atWork);
    try {
      const done = await cancel({ project, id, running: 'kill' }, scene.services);
      expect(done).toMatchObject({ waiting: 14, complete: false });
      expect(await scene.stores.cancels.open()).toEqual([{ id, project, running: 'kill' }]);
    } finally {
      confirm();
    }
    await finishCancels(scene.services);
    expect(await scene.stores.cancels.open()).toEqual([]);
  }, 60_000);

  it('new exclusions wait until it answers', async () => {
    await scene.redis.hset('tasker:rules-to-apply', 'p', 1);
    await keepOut(withRules(scene, away));
    expect(await scene.stores.rulesToApply.all()).toHaveLength(1);
    await keepOut(withRules(scene));
    expect(await scene.stores.rulesToApply.all()).toEqual([]);
  });
});

it('a cancel that cannot be finished yet keeps nobody up', async () => {
  const project = randomUUID();
  await scene.redis.hset('tasker:cancels', randomUUID(), JSON.stringify({ project, running: 'kill' }));
  const queues = { ...scene.queues, submission: undefined as never };
  await finishCancels({ ...scene.services, queues });
  expect(scene.lines.join()).toContain('not taken back yet');
});

it('of a submission that nothing is kept of, or that is over, nothing is sent again', async () => {
  const id = await scene.submit({ entries: '11.0.0.1' });
  await scene.redis.hset(`tasker:submission:${id}:again`, randomUUID(), '["11.0.0.1",0]');
  await addAgain(id, withTurns(scene));
  await addAgain(randomUUID(), withTurns(scene));
  expect(await scene.queues.publish.getJobCountByTypes('waiting', 'prioritized')).toBe(0);
  await sendAgain({ ...withTurns(scene), queues: undefined as never });
  await scene.redis.hset(`tasker:submission:${id}`, 'state', 'dispatching');
  await sendAgain({ ...withTurns(scene), queues: undefined as never });
  expect(scene.lines.join()).toContain('not sent again yet');
});

it('tells how the workers are shared', async () => {
  const services = { ...scene.stores, publishQueue: scene.queues.publish, broker: scene.services.broker };
  expect(await dispatchStatus(services)).toEqual({
    ...{ window: { limit: null, ready: 0, rate: 0 }, workers: 0, running: 0, projects: [] },
  });
  expect((await dispatchStatus({ ...services, broker: away })).window.ready).toBeNull();
  scene.runJobs({}, 10);
  const [project, other] = [randomUUID(), randomUUID()];
  const id = await underWay(project);
  await scene.submit({ project: other, entries: '12.0.0.0/28' });
  await scene.stores.dispatchSettings.write(project, { weight: 2 });
  const [task] = await takeTasks(scene.stages.vhost);
  await scene.redis.hset(workerKeys.tool('host'), task?.id ?? '', 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0, 'gone', 9);
  await scene.redis.hset(`tasker:usage:${Math.floor(Date.now() / 60_000)}`, project, 3, other, 1);
  const status = await eventually('both are in line or sent', async () => {
    const now = await api.queries.dispatchStatus();
    return now.projects.length === 2 && now;
  });
  expect(status).toMatchObject({ workers: 1, running: 1 });
  const own = status.projects.find((each) => each.project === project);
  expect(own).toMatchObject({ weight: 2, share: { minute: 0.75, hour: 0.75 } });
  expect([id, null]).toContain(own?.next ?? null);
});

it('tasks that nothing tells whose they are stay, and what is on its way all the same is looked for later', async () => {
  scene.runJobs({}, 300);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/29' });
  const other = await scene.submit({ project, entries: '12.0.0.1' });
  for (const each of [id, other]) await scene.untilState(each, 'done');
  const waiting = await scene.submit({ project, entries: '13.0.0.1', names: 0 });
  await scene.untilState(waiting, 'done');
  const [one = '', two = '', three = ''] = await scene.redis.smembers(`tasker:submission:${id}:out`);
  await scene.redis.del(workerKeys.task(one));
  await scene.redis.hset(workerKeys.task(two), 'submission', randomUUID());
  await scene.redis.hset(workerKeys.task(three), 'ports', '1 2 3');
  for (const task of [one, two]) await scene.redis.hset(workerKeys.tool('host'), task, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  // As if a process had died between tracking and sending.
  await scene.redis.sadd(`tasker:project:${project}:open`, id);
  await scene.redis.hset('tasker:open', id, project);
  await scene.redis.hset(`tasker:submission:${id}`, { state: 'dispatching', tracked: 60 });
  expect(await pause({ project, submission: id }, by(), scene.services)).toMatchObject({
    ...{ ready: 3, complete: false },
  });
  await scene.redis.hset('tasker:rules-to-apply', project, 1);
  await keepOut(withRules(scene));
  expect(await scene.stores.rulesToApply.all()).toEqual([{ project, version: '1' }]);
  // Those of the other scans are sent again.
  await eventually('five are ready', async () => (await depth()) === 5);
});

it('what came back and cannot be read is passed over, and a job that finds nothing ends', async () => {
  const { publish } = await import('../../../src/jobs/publish/publish.ts');
  const id = await scene.submit({ entries: '11.0.0.1' });
  await scene.redis.hset(`tasker:submission:${id}`, { state: 'dispatching', total: 1, sent: 1, targets: 1 });
  expect(await runStage(publish, { submission: id }, scene.stages.context)).toEqual({ tasks: 0 });
  await scene.redis.hset(`tasker:submission:${id}:again`, randomUUID(), '["nonsense",0]');
  await scene.redis.hset(`tasker:submission:${id}`, 'again', 1);
  await scene.redis.set(`tasker:submission:${id}:accepted`, '');
  await runStage(publish, { submission: id }, scene.stages.context).catch(() => {});
});

it('a stop ends also the job that sends what has come back', async () => {
  scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await underWay(project);
  await pause({ project, submission: id }, by(), scene.services);
  await addAgain(id, withTurns(scene));
  expect(await scene.queues.publish.getJob(againJob(id))).toBeDefined();
  await stop(project, scene.services);
  expect(await scene.queues.publish.getJob(againJob(id))).toBeUndefined();
});

it('a submission does not end while something of it waits to be sent again', async () => {
  const id = await scene.submit({ entries: '11.0.0.1' });
  const { project } = await scene.stores.submissions.facts(id);
  const facts = `tasker:submission:${id}`;
  await scene.redis.hset(facts, { state: 'dispatching', again: 1 });
  await scene.stores.submissions.finish(id, project);
  expect(await scene.stores.submissions.facts(id)).toMatchObject({ state: 'dispatching', reopened: true });
  await scene.redis.hset(facts, 'again', 0);
  await scene.stores.submissions.finish(id, project);
  expect((await scene.stores.submissions.facts(id)).state).toBe('done');
});
