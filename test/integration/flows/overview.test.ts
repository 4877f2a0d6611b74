import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  PROJECTS_KEY,
  projectKeys,
  submissionKeys,
  UNANSWERED_PINGS_KEY,
} from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { pause } from '../../../src/flows/takeBack/pause.ts';
import type { HousekeepingServices } from '../../../src/jobs/chores/chores.ts';
import { noteDispatch } from '../../../src/jobs/chores/noteDispatch.ts';
import { createOverview } from '../../../src/queries/overview/overview.ts';
import type { ScanQuery } from '../../../src/queries/overview/scans.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let overview: ReturnType<typeof createOverview>;

beforeAll(async () => {
  scene = await flowScene();
  overview = createOverview(scene.stores);
});
afterAll(() => scene?.close());

/** A worker that is there and has these tasks in hand. */
async function work(
  host: string,
  tasks: readonly { id: string; ip: string }[],
  startedS: number,
): Promise<void> {
  const { redis } = scene;
  await redis.hset(UNANSWERED_PINGS_KEY, host, 0);
  await redis.hset(workerKeys.worker(host), { ip: '127.0.0.9', last_seen: startedS });
  for (const { id, ip } of tasks) {
    await redis.hset(workerKeys.tool(host), id, 1);
    await redis.rpush(
      workerKeys.running(id, host),
      JSON.stringify({ ip, hostnames: [], worker: host, started_at: startedS }),
    );
  }
}

/** As a worker does when it has ended a task. */
async function end(host: string, project: string, { id, ip }: { id: string; ip: string }): Promise<void> {
  await scene.redis
    .pipeline()
    .del(workerKeys.task(id), workerKeys.running(id, host))
    .srem(workerKeys.projectTasks(project), id)
    .srem(workerKeys.addressTasks(project, ip), id)
    .hdel(workerKeys.tool(host), id)
    .exec();
}

const rowOf = async (id: string) => (await overview.rows([id]))[0];

describe('the numbers of a scan', () => {
  it('say at each moment where its tasks are, and cost the same for a /8', async () => {
    const jobs = scene.runJobs({}, 20);
    const project = randomUUID();
    const id = await scene.submit({ project, entries: '11.0.0.0/8', provided: 1 });
    await eventually('the window is full', async () => (await scene.services.broker.depth()) === 20);
    const total = 2 ** 24 - 2;
    const ready = await rowOf(id);
    expect(ready).toMatchObject({
      ...{ id, project, state: 'dispatching', entries: { total: 1, first: ['11.0.0.0/8'] }, ends_at: null },
      counts: { total, waiting: total - 20, ready: 20, running: 0, done: 0 },
    });
    await scene.queues.publish.pause();
    const tasks = (await takeTasks(scene.stages.vhost)).map(({ task, id: taskId }) => ({
      id: taskId,
      ip: task.ip,
    }));
    await work('worker-a', tasks.slice(0, 3), 1_793_611_800);
    const [first] = tasks;
    if (first === undefined) throw new Error('no task');
    await end('worker-a', project, first);
    const running = await eventually('it is seen', async () => {
      const row = await rowOf(id);
      return row?.counts.done === 1 && row.counts.running === 2 && row;
    });
    // A job that was at work goes on: there was room in the queue again.
    const { waiting, ready: out } = running.counts;
    expect(running.counts).toMatchObject({ total, running: 2, done: 1 });
    expect(out).toBeGreaterThanOrEqual(17);
    expect(waiting + out).toBe(total - 3);

    await pause(
      { project, submission: id },
      { since: '2026-11-02T09:30:00.000Z', by: 'alice', why: null, running: 'finish' },
      scene.services,
    );
    expect(await rowOf(id)).toMatchObject({ state: 'paused', counts: { total, done: 1 } });
    await stop(project, scene.services);
    const stopped = await rowOf(id);
    expect(stopped).toMatchObject({ state: 'stopped', counts: { waiting: 0, ready: 0, running: 0 } });
    expect(stopped?.counts.total).toBe(total);
    await scene.queues.publish.resume();
    await jobs.close();
  });

  it('of a plan are not among them', async () => {
    const id = await scene.stages.begin({ project: randomUUID(), kind: 'plan' });
    expect(await overview.rows([id])).toEqual([]);
    expect((await overview.labels([id])).get(id)).toMatchObject({ kind: 'plan' });
  });
});

describe('the scans of several projects', () => {
  const allOf = async (projects: readonly string[], query: Partial<ScanQuery> = {}) => {
    const ids: string[] = [];
    for (let after: ScanQuery['after']; ; ) {
      const page = await overview.scans({ limit: 3, projects, ...query, ...(after && { after }) });
      ids.push(...page.scans.map(({ id }) => id));
      if (page.next === undefined) return ids;
      after = page.next;
    }
  };

  it('come newest first, each once, in one order also within a millisecond', async () => {
    const projects = [randomUUID(), randomUUID(), randomUUID()];
    const places: { id: string; at: number }[] = [];
    for (const [index, project] of projects.entries()) {
      for (let i = 0; i < 15 * index + 2; i++) {
        const at = 10_000 + Math.floor((i * 7) / (index + 1));
        const id = await scene.stages.begin({ project });
        await scene.redis.zadd(projectKeys(project).submissions, at, id);
        places.push({ id, at });
      }
    }
    const expected = places.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
    expect(await allOf(projects)).toEqual(expected);
    expect(await allOf(projects, { limit: 200 })).toEqual(expected);
    expect(await allOf([])).toEqual([]);
  });

  it('are filtered by state, user and text, and what is gone leaves the lists', async () => {
    const project = randomUUID();
    const bob = { id: 'bobs-id', username: 'bob' };
    const ofBob = await scene.stages.begin({ project, user: bob, entries: 'Shop.example.com\n9.9.9.9' });
    const other = await scene.stages.begin({ project });
    const gone = await scene.stages.begin({ project });
    await scene.redis.del(submissionKeys(gone).facts);
    await scene.redis.hset(submissionKeys(other).facts, 'state', 'stopped');
    expect(await allOf([project], { user: 'bob' })).toEqual([ofBob]);
    expect(await allOf([project], { user: 'bobs-id' })).toEqual([ofBob]);
    expect(await allOf([project], { text: 'shop.EXAMPLE' })).toEqual([ofBob]);
    expect(await allOf([project], { text: other.toUpperCase() })).toEqual([other]);
    expect(await allOf([project], { state: 'stopped' })).toEqual([other]);
    expect(await allOf([project], { text: 'nothing of it' })).toEqual([]);
    expect(await scene.redis.zscore(projectKeys(project).submissions, gone)).toBeNull();
  });

  it('are looked through a thousand at a time: a page may be empty, and says where to go on', async () => {
    const project = randomUUID();
    const id = await scene.stages.begin({ project });
    const { submissions } = projectKeys(project);
    await scene.redis.zadd(submissions, 1, id);
    const gone = Array.from({ length: 1_020 }, (_, i) => [i + 2, randomUUID()]).flat();
    await scene.redis.zadd(submissions, ...gone);
    const first = await overview.scans({ projects: [project], limit: 3 });
    expect(first).toMatchObject({ scans: [], next: { atMs: 22 } });
    const last = await overview.scans({
      projects: [project],
      limit: 3,
      ...(first.next && { after: first.next }),
    });
    expect(last).toMatchObject({ scans: [{ id }], next: undefined });
  });
});

it('what is gone has no label', async () => {
  const id = await scene.stages.begin({
    entries: 'a.test\n9.9.9.9',
    provided: 5,
    duplicatesRemoved: 3,
    names: 1,
  });
  const project = (await scene.stores.submissions.facts(id)).project;
  await scene.redis.hset(submissionKeys(id).names, 0, 'a.test');
  const labels = await overview.labels([randomUUID(), id]);
  expect([...labels]).toEqual([
    [id, { project, kind: 'scan', entry: 'a.test', entries: 2, total: 0, chunks: 1 }],
  ]);
});

describe('the projects', () => {
  it('come with the newest scan first, also those of which nothing is open', async () => {
    const projects = [randomUUID(), randomUUID(), randomUUID()];
    const [old, newest, middle] = projects as [string, string, string];
    for (const [project, at] of [
      [old, 1_000],
      [newest, 3_000],
      [middle, 2_000],
    ] as const) {
      const id = await scene.stages.begin({ project, expected: 7 });
      await scene.redis.zadd(projectKeys(project).submissions, at, id);
      if (project === middle) {
        await scene.stores.projects.stopProject(project);
        await scene.stores.submissions.finish(id, project);
      }
    }
    const told = await overview.projects(projects);
    expect(told.map(({ id, open, waiting }) => [id, open, waiting])).toEqual([
      ...[
        [newest, 1, 7],
        [middle, 0, 0],
        [old, 1, 7],
      ],
    ]);
    expect(await overview.projects(projects.toReversed())).toEqual(told);
  });

  it('are those of which scans are kept, and leave when none is', async () => {
    const [here, empty] = [randomUUID(), randomUUID()];
    await scene.stages.begin({ project: here, expected: 7 });
    await scene.stages.begin({ project: empty });
    const ids = await overview.projectIds();
    expect(ids).toEqual(expect.arrayContaining([here, empty]));
    await scene.redis.del(projectKeys(empty).submissions);
    const [told, ...more] = await overview.projects([here, empty]);
    expect(told).toMatchObject({ id: here, open: 1, kept: 1, waiting: 7, paused: false });
    expect(more).toEqual([]);
    expect(await scene.redis.zscore(PROJECTS_KEY, empty)).toBeNull();
  });

  it('leave also when nobody lists them', async () => {
    const gone = randomUUID();
    await scene.redis.zadd(PROJECTS_KEY, 1, gone);
    await scene.stages.begin({ project: randomUUID() });
    expect(await scene.redis.zscore(PROJECTS_KEY, gone)).toBeNull();
  });
});

describe('the workers', () => {
  it('are told with what they have in hand, and what they ended within the hour', async () => {
    const project = randomUUID();
    const submission = await scene.stages.begin({ project });
    const task = { id: randomUUID(), ip: '9.9.9.9' };
    const ended = { id: randomUUID(), ip: '9.9.9.8' };
    const recalled = { id: randomUUID(), ip: '9.9.9.7' };
    for (const { id, ip } of [task, ended, recalled])
      await scene.redis.hset(workerKeys.task(id), { ip, ports: '80', submission });
    await work('worker-b', [task, ended, recalled], 1_793_611_800);
    const { stores, redis } = scene;
    const all = Object.fromEntries([task, ended, recalled].map(({ id }) => [id, 'worker-b']));
    await stores.ended.note(all);
    for (const each of [ended, recalled]) await end('worker-b', project, each);
    await redis.hset('tasker:recalls', recalled.id, '{}');
    await stores.ended.note({ [task.id]: 'worker-b' });
    // Another process that looked a moment earlier.
    await stores.ended.note(all);
    await stores.ended.note({ [task.id]: 'worker-b' });
    await redis.hset(UNANSWERED_PINGS_KEY, 'worker-gone', 6);
    const { workers } = await eventually('it is seen', async () => {
      const seen = await overview.atWork();
      return seen.workers.some(({ host, tasks }) => host === 'worker-b' && tasks.length === 1) && seen;
    });
    expect(workers.find(({ host }) => host === 'worker-b')).toEqual({
      host: 'worker-b',
      ip: '127.0.0.9',
      last_seen: new Date(1_793_611_800_000).toISOString(),
      unanswered_pings: 0,
      done_last_hour: 1,
      tasks: [
        {
          task_id: task.id,
          project,
          submission,
          address: '9.9.9.9',
          since: new Date(1_793_611_800_000).toISOString(),
        },
      ],
    });
    expect(workers.map(({ host }) => host)).not.toContain('worker-gone');
  });

  it('come by their names; of one that has said nothing of itself nothing is known', async () => {
    const submission = await scene.stages.begin();
    const [own, gone, foreign] = [randomUUID(), randomUUID(), randomUUID()];
    await scene.redis.hset(workerKeys.task(own), { ports: '80', submission });
    await scene.redis.hset(workerKeys.task(gone), { ip: '9.9.9.9', ports: '80', submission: randomUUID() });
    await scene.redis.hset(workerKeys.task(foreign), { ip: '9.9.9.9', ports: '80' });
    for (const task of [own, gone, foreign]) await scene.redis.hset(workerKeys.tool('c-3'), task, 1);
    await scene.redis.hset(UNANSWERED_PINGS_KEY, { 'c-3': 1, 'c-1': 0, 'c-2': 0 });
    const { workers, running } = await createOverview(scene.stores).atWork();
    const told = workers.filter(({ host }) => host.startsWith('c-'));
    expect(told.map(({ host }) => host)).toEqual(['c-1', 'c-2', 'c-3']);
    const nothing = { ip: null, last_seen: null, done_last_hour: 0 };
    expect(told[0]).toEqual({ host: 'c-1', ...nothing, unanswered_pings: 0, tasks: [] });
    // Only what belongs to a scan that is kept: whose the others are nobody can say.
    expect(told[2]).toMatchObject({
      ...nothing,
      tasks: [{ task_id: own, submission, address: null, since: null }],
    });
    expect(told[2]?.tasks).toHaveLength(1);
    expect(running.get(submission)).toBe(1);
  });
});

describe('the history of the dispatch', () => {
  it('has a point for each look, and what workers took between two of them', async () => {
    const { stores } = scene;
    await noteDispatch.run({ ...stores, broker: scene.services.broker } as HousekeepingServices);
    expect(await overview.dispatchHistory()).toMatchObject({ ready: [0], tasks_per_minute: [null] });
    await scene.redis.del('tasker:dispatch-history');
    const point = { window: 20, running: 3 };
    const points = [
      { atMs: 1_000_000, ready: 10, published: 100, ...point },
      { atMs: 1_010_000, ready: 5, published: 120, ...point },
      { atMs: 1_020_000, ready: null, published: 130, ...point },
      { atMs: 1_030_000, ready: 5, published: 130, ...point },
      { atMs: 9_030_000, ready: 5, published: 900, ...point },
    ];
    for (const each of points) await stores.dispatchHistory.add(each);
    expect(await overview.dispatchHistory()).toEqual({
      at: [1_000, 1_010, 1_020, 1_030, 9_030],
      window: [20, 20, 20, 20, 20],
      ready: [10, 5, null, 5, 5],
      running: [3, 3, 3, 3, 3],
      tasks_per_minute: [null, 150, null, null, null],
    });
    for (let i = 0; i < 400; i++)
      await stores.dispatchHistory.add({ atMs: i, ready: 1, published: i, ...point });
    const { at, ...series } = await overview.dispatchHistory();
    expect([at, ...Object.values(series)].map(({ length }) => length)).toEqual(Array(5).fill(360));
    expect(await scene.redis.pttl('tasker:dispatch-history')).toBeGreaterThan(0);
  });
});
