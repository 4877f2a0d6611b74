import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PauseScope } from '../../../src/adapters/dispatch/pauseStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { cancel, finishCancels } from '../../../src/flows/stop/cancel.ts';
import { finishPauses, pause, resumePaused } from '../../../src/flows/takeBack/pause.ts';
import { sendAgain } from '../../../src/flows/takeBack/sendAgain.ts';
import { Turns } from '../../../src/jobs/runner/turns.ts';
import { TargetCounter } from '../../../src/queries/targetCounts.ts';
import { TargetStates } from '../../../src/queries/targetStates.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { type QueuedTask, takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;

beforeEach(async () => {
  scene = await flowScene();
});
afterEach(() => scene?.close());

const services = () => ({
  ...scene.services,
  turns: new Turns(scene.stores.turnStore, scene.queues.publish),
});
const by = () => ({
  since: new Date().toISOString(),
  by: 'ann',
  why: 'a release',
  running: 'finish' as const,
});
const pauseNow = (scope: PauseScope, running: 'finish' | 'kill' = 'finish') =>
  pause(scope, { ...by(), running }, services());
const depth = () => scene.services.broker.depth();
const ready = (count: number) => eventually(`${count} are ready`, async () => (await depth()) === count);

async function counts(id: string) {
  const states = new TargetStates(scene.stores.targetStore, scene.stores.workers);
  const sending = await states.dispatchState(id);
  if (!sending) throw new Error('nothing is kept');
  return new TargetCounter(states, scene.stores.targetStore, scene.stores.tasks).counts(sending);
}

/** What a worker does when it has scanned: its keys go. */
async function workOn(tasks: readonly QueuedTask[], project: string, user: string): Promise<void> {
  for (const { id, task } of tasks) {
    await scene.redis.del(
      workerKeys.lock(project, task.ip, String(task.open_ports_str)),
      workerKeys.task(id),
    );
    await scene.redis.srem(workerKeys.projectTasks(project), id);
    await scene.redis.srem(workerKeys.userTasks(user), id);
    await scene.redis.srem(workerKeys.addressTasks(project, task.ip), id);
  }
}

const ips = (tasks: readonly QueuedTask[]) => tasks.map(({ task }) => task.ip).sort();

/** Takes tasks until so many have come, in as many rounds as it needs. */
async function takeAll(count: number, project: string): Promise<QueuedTask[]> {
  const tasks: QueuedTask[] = [];
  await eventually(`${count} tasks have come`, async () => {
    const some = await takeTasks(scene.stages.vhost);
    await workOn(some, project, await userOf(project));
    tasks.push(...some);
    return tasks.length >= count;
  });
  return tasks;
}

const userOf = async (project: string) => {
  const [id = ''] = await scene.redis.zrange(`tasker:project:${project}:submissions`, '0', '0');
  return (await scene.stores.submissions.facts(id)).user.id;
};

describe.each([
  ['a submission', (project: string, id: string): PauseScope => ({ project, submission: id })],
  ['a project', (project: string): PauseScope => ({ project })],
  ['everything', (): PauseScope => ({})],
])('a pause of %s', (_, scopeOf) => {
  it('takes back what is ready and lets nothing more out; after the resume each task comes once', async () => {
    scene.runJobs({}, 40);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/24' });
    await scene.untilState(id, 'dispatching');
    await ready(40);
    const first = await takeTasks(scene.stages.vhost);
    await workOn(first, project, await userOf(project));
    await ready(40);
    const scope = scopeOf(project, id);
    expect(await pauseNow(scope)).toMatchObject({ ready: 40, running: 0, complete: true });
    expect(await depth()).toBe(0);
    expect(await scene.progress(id)).toMatchObject({ state: 'paused', sent: 40 });
    expect((await scene.progress(id)).paused).toMatch(/is paused by ann since .*: a release/);
    expect(await counts(id)).toMatchObject({ total: 254, sent: 40, done: 40, remaining: 214 });
    expect(await scene.stores.projects.activeOrQueued(project)).toBe(214);
    const [waiting] = await eventually('the jobs say why they wait', async () => {
      const jobs = await scene.queues.publish.getDelayed();
      return jobs.length > 0 && jobs.every(({ progress }) => typeof progress === 'object') && jobs;
    });
    expect(waiting?.progress).toEqual({ waits: 'it is paused' });
    // Twice is no error, and changes nothing.
    expect(await pauseNow(scope)).toMatchObject({ ready: 0, complete: true });
    expect(await resumePaused(scope, services())).toBe('done');
    const rest = await takeAll(214, project);
    expect(new Set([...ips(first), ...ips(rest)]).size).toBe(254);
    expect(rest).toHaveLength(214);
    await scene.untilState(id, 'done');
    await eventually('all are done', async () => (await counts(id)).done === 254);
    expect(await scene.stores.projects.activeOrQueued(project)).toBe(0);
  });
});

it('what others send is not touched, and goes on', async () => {
  scene.runJobs({}, 300);
  const [project, other] = [randomUUID(), randomUUID()];
  const id = await scene.submit({ project, entries: '11.0.0.0/25' });
  const others = await scene.submit({ project: other, entries: '12.0.0.0/25' });
  await scene.untilState(id, 'done');
  await scene.untilState(others, 'done');
  expect(await pauseNow({ project })).toMatchObject({ ready: 126 });
  expect(ips(await takeTasks(scene.stages.vhost)).every((ip) => ip.startsWith('12.'))).toBe(true);
  // It was done, and is open again until the last one is sent.
  expect(await scene.progress(id)).toMatchObject({ state: 'paused' });
  expect(await resumePaused({ project }, services())).toBe('done');
  expect(ips(await takeAll(126, project)).every((ip) => ip.startsWith('11.'))).toBe(true);
  await scene.untilState(id, 'done');
  expect(await scene.redis.ttl(`tasker:submission:${id}`)).toBeGreaterThan(0);
});

it('a submission that is paused twice waits until the last pause ends', async () => {
  scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await ready(10);
  await pauseNow({});
  await pauseNow({ project, submission: id });
  await resumePaused({}, services());
  expect(await scene.progress(id)).toMatchObject({ state: 'paused' });
  expect(await depth()).toBe(0);
  await resumePaused({ project, submission: id }, services());
  expect(await takeAll(14, project)).toHaveLength(14);
});

it('a pause survives the process: what was ready is taken out by the chore, and sent again by it', async () => {
  const running = scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.0/28' });
  await ready(10);
  // As if the process had died after the mark.
  await scene.stores.pauses.pause({ project }, by(), 'finish');
  await finishPauses(scene.services);
  expect(await depth()).toBe(0);
  expect(await scene.stores.pauses.open()).toEqual([]);
  await running.close();
  await scene.stores.pauses.resume({ project });
  scene.runJobs({}, 10);
  await sendAgain(services());
  for (const job of await scene.queues.publish.getDelayed()) await job.promote();
  expect(await takeAll(14, project)).toHaveLength(14);
  await scene.untilState(id, 'done');
});

it('what runs goes on, or is ended and sent again', async () => {
  scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.1\n11.0.0.2' });
  await scene.untilState(id, 'done');
  const [task] = await takeTasks(scene.stages.vhost);
  if (!task) throw new Error('no task came');
  await scene.redis.hset(workerKeys.tool('host'), task.id, 1);
  await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
  expect(await pauseNow({ project })).toMatchObject({ running: 1 });
  expect(await counts(id)).toMatchObject({ remaining: 2, sent: 2 });
  expect(await pauseNow({ project }, 'kill')).toMatchObject({ running: 1 });
  expect(await counts(id)).toMatchObject({ sent: 1, remaining: 2 });
  await resumePaused({ project }, services());
  expect(ips(await takeAll(1, project))).toEqual([task.task.ip]);
});

it('only a scan that is not over is paused, and only by its project', async () => {
  scene.runJobs({}, 10);
  const project = randomUUID();
  const id = await scene.submit({ project, entries: '11.0.0.1' });
  await scene.untilState(id, 'done');
  expect(await pauseNow({ project, submission: id })).toBe('ended');
  expect(await pauseNow({ project: randomUUID(), submission: id })).toBe('unknown');
  expect(await pauseNow({ project, submission: randomUUID() })).toBe('unknown');
  expect(await resumePaused({ project, submission: id }, services())).toBe('ended');
});

describe('a cancel', () => {
  it('takes one scan back and leaves the others of the project alone', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/24' });
    await ready(20);
    const first = await takeTasks(scene.stages.vhost);
    await workOn(first, project, await userOf(project));
    await ready(20);
    const other = await scene.submit({ project, entries: '12.0.0.1' });
    await scene.untilState(other, 'dispatching');
    const done = await cancel({ project, id, running: 'kill' }, scene.services);
    expect(done).toEqual({ waiting: 214, ready: 20, running: 0, complete: true });
    expect(await scene.progress(id)).toMatchObject({ state: 'stopped' });
    expect(await counts(id)).toMatchObject({ total: 254, done: 20, stopped: 234, remaining: 0 });
    expect(ips(await takeAll(1, project))).toEqual(['12.0.0.1']);
    await scene.untilState(other, 'done');
    expect(await scene.stores.cancels.open()).toEqual([]);
    expect(await cancel({ project, id, running: 'kill' }, scene.services)).toBe('ended');
  });

  it('of a paused one ends what waits to be sent again, too', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/26' });
    await ready(20);
    await pauseNow({ project, submission: id });
    const done = await cancel({ project, id, running: 'finish' }, scene.services);
    expect(done).toEqual({ waiting: 62, ready: 0, running: 0, complete: true });
    expect(await counts(id)).toMatchObject({ total: 62, done: 0, stopped: 62, remaining: 0 });
    expect(await scene.stores.projects.activeOrQueued(project)).toBe(0);
  });

  it('takes out what is still out of one that is done, until it is finished', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/29' });
    await scene.untilState(id, 'done');
    const done = await cancel({ project, id, running: 'kill' }, scene.services);
    expect(done).toEqual({ waiting: 0, ready: 6, running: 0, complete: true });
    expect(await scene.progress(id)).toMatchObject({ state: 'stopped' });
    expect(await counts(id)).toMatchObject({ total: 6, done: 0, stopped: 6, remaining: 0 });
    const finished = await scene.submit({ project, entries: '11.0.0.1' });
    await scene.untilState(finished, 'done');
    const [task] = await takeTasks(scene.stages.vhost);
    await workOn(task ? [task] : [], project, await userOf(project));
    await followScans(scene.services);
    expect(await cancel({ project, id: finished, running: 'kill' }, scene.services)).toBe('ended');
  });

  it('takes out what RabbitMQ gave back of it after its worker had scanned it, and nothing of another one', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/29' });
    const other = await scene.submit({ project, entries: '12.0.0.1' });
    await ready(7);
    // The workers have let go of the keys, and RabbitMQ did not hear that they are through.
    for (const task of await scene.redis.smembers(workerKeys.projectTasks(project)))
      await scene.redis.del(workerKeys.task(task));
    await scene.redis.del(workerKeys.projectTasks(project));
    await scene.untilState(id, 'done');
    await scene.untilState(other, 'done');
    await cancel({ project, id, running: 'finish' }, scene.services);
    expect(ips(await takeTasks(scene.stages.vhost))).toEqual(['12.0.0.1']);
  });

  it('lets go of what was ready also when a process dies after it was taken out', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/29' });
    await scene.untilState(id, 'done');
    const killed = async () => {
      throw new Error('killed');
    };
    const dying = { ...scene.services, projects: { ...scene.stores.projects, users: killed } as never };
    const asked = { project, id, running: 'finish' } as const;
    await expect(cancel(asked, dying)).rejects.toThrow('killed');
    expect(await depth()).toBe(0);
    expect(await scene.redis.scard(workerKeys.projectTasks(project))).toBe(6);
    await finishCancels(scene.services);
    expect(await scene.stores.cancels.open()).toEqual([]);
    expect(await scene.redis.exists(workerKeys.projectTasks(project))).toBe(0);
    expect(await counts(id)).toMatchObject({ total: 6, done: 0, stopped: 6, remaining: 0 });
  });

  it('lets what runs go on when it is asked so', async () => {
    scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/24' });
    await ready(20);
    const [task] = await takeTasks(scene.stages.vhost);
    if (!task) throw new Error('no task came');
    await scene.redis.hset(workerKeys.tool('host'), task.id, 1);
    await scene.redis.hset('tasker:unanswered-pings', 'host', 0);
    await cancel({ project, id, running: 'finish' }, scene.services);
    expect(await scene.redis.sismember(workerKeys.projectTasks(project), task.id)).toBe(1);
    expect((await scene.stores.recalls.all()).get(task.id)).toMatchObject({ finishing: project });
  });
});
