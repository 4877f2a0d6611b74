/** What happens in a project is told to programs: by the step that changes it, once, and in few lines. */

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditNote } from '../../../src/adapters/audit/entry.ts';
import type { ProjectEvent } from '../../../src/adapters/events/event.ts';
import { projectKeys, submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { newReceipt } from '../../../src/adapters/scopeRules/receiptStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { GONE_AFTER_PINGS } from '../../../src/adapters/workers/presence.ts';
import { buryDead } from '../../../src/flows/heal/buryDead.ts';
import { followScans } from '../../../src/flows/heal/followScans.ts';
import { cancel } from '../../../src/flows/stop/cancel.ts';
import { stop } from '../../../src/flows/stop/stop.ts';
import { PermanentError } from '../../../src/runtime/errors.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';

let scene: FlowScene;
let project: string;
beforeEach(async () => {
  scene = await flowScene();
  project = randomUUID();
});
afterEach(() => scene?.close());

const all = async (of = project) => (await scene.stores.projectEvents.page(of, '0-0', 500)).events;
const told = async (of = project) => (await all(of)).map(({ type, data }) => [type, data] as const);
const until = (type: ProjectEvent['type']) =>
  eventually(`${type} is told`, async () => (await all()).find((event) => event.type === type));
const noteBy = (username: string): AuditNote => ({
  entry: {
    ...{ at: '', event: 'project.stopped', from: null, request: null, project, on: null },
    ...{ before: null, after: null, user: { id: 'u', username, admin: false } },
  },
  keep: 10,
  lost: () => {},
});
const pauseBy = { since: '2026-11-02T09:30:00.000Z', by: 'ann', why: 'a release' };

describe('a scan', () => {
  it('is planned and finished, each told once; a plan tells nothing', async () => {
    scene.runJobs();
    const plan = await scene.submit({ kind: 'plan', project, entries: '11.1.0.0/28' });
    await scene.untilState(plan, 'done');
    const id = await scene.submit({ project, entries: '11.1.0.0/28\n10.0.0.1' });
    await scene.untilState(id, 'done');
    await followScans(scene.services);
    const out = await scene.redis.smembers(workerKeys.projectTasks(project));
    expect(await told()).toHaveLength(1);
    await scene.redis.srem(workerKeys.projectTasks(project), ...out);
    await followScans(scene.services);
    await followScans(scene.services);
    const scan = { id, user: 'ann' };
    expect(await told()).toEqual([
      ['scan.planned', { scan, targets: 14, tasks: 14, refused: expect.objectContaining({ private_ip: 1 }) }],
      ['scan.finished', { scan, targets: 14, tasks: 14, dead: 0 }],
    ]);
    expect((await all()).every((event) => event.project === project)).toBe(true);
    expect(await scene.redis.ttl(projectKeys(project).events)).toBeGreaterThan(29 * 24 * 3600);
  });

  it('that fails is told of once for each failure, also by a chore when the process died that noticed it', async () => {
    const jobs = scene.runJobs({
      dedup: { attempts: 1, run: () => Promise.reject(new PermanentError('no way')) },
    });
    const id = await scene.submit({ project, entries: '11.1.0.1' });
    expect((await until('scan.failed')).data).toEqual({
      scan: { id, user: 'ann' },
      stage: 'dedup',
      reason: 'no way',
    });
    await scene.resumeFlows();
    await scene.resumeFlows();
    expect(await all()).toHaveLength(1);
    // What the process would have left that died before it told.
    await scene.redis.del(projectKeys(project).events);
    await scene.redis.hdel(submissionKeys(id).facts, 'failure_told');
    await scene.resumeFlows();
    expect(await all()).toHaveLength(1);
    const job = await scene.queues.dedup.getJob(`${id}-dedup`);
    await job?.retry();
    await eventually('it has failed again', async () => (await all()).length === 2);
    await jobs.close();
    await scene.resumeFlows(Date.now() + 15 * 24 * 3_600_000);
    expect((await told()).at(-1)).toEqual([
      'scan.cancelled',
      { what: 'scan', scan: { id, user: 'ann' }, by: '', waiting: 0 },
    ]);
  });

  it('that is cancelled is told of with who did it', async () => {
    const id = await scene.submit({ project, entries: '11.1.0.0/28' });
    await cancel({ project, id, running: 'finish' }, scene.services, noteBy('bob'));
    await cancel({ project, id, running: 'finish' }, scene.services, noteBy('bob'));
    const scan = { id, user: 'ann' };
    expect(await told()).toEqual([['scan.cancelled', { what: 'scan', scan, by: 'bob', waiting: 1 }]]);
  });
});

it('a stop of a project is one event, however many scans it ends', async () => {
  const ids = await Promise.all(
    Array.from({ length: 30 }, () => scene.submit({ project, entries: '11.1.0.1' })),
  );
  await stop(project, scene.services, noteBy('bob'));
  const [[type, data] = []] = await told();
  expect(await all()).toHaveLength(1);
  expect([type, data]).toMatchObject([
    'scan.cancelled',
    { what: 'project', by: 'bob', scans: { total: 30 } },
  ]);
  const { listed = [] } = (data?.scans ?? {}) as { listed?: { id: string }[] };
  expect(listed).toHaveLength(20);
  expect(listed.every(({ id }) => ids.includes(id))).toBe(true);
});

it('pauses and resumes are told at their level, and only when they change something', async () => {
  const other = randomUUID();
  const id = await scene.submit({ project, entries: '11.1.0.1' });
  await scene.submit({ project: other, entries: '11.1.0.1' });
  const { pauses } = scene.stores;
  for (const scope of [{ project, submission: id }, { project }, {}]) {
    for (let times = 0; times < 2; times++) await pauses.pause(scope, pauseBy, 'finish');
    for (let times = 0; times < 2; times++) await pauses.resume(scope, noteBy('bob'));
  }
  const scan = { id, user: 'ann' };
  const paused = { by: 'ann', why: 'a release' };
  expect(await told()).toEqual([
    ['scan.paused', { what: 'scan', scan, ...paused }],
    ['scan.resumed', { what: 'scan', scan, by: 'bob' }],
    ['scan.paused', { what: 'project', ...paused }],
    ['scan.resumed', { what: 'project', by: 'bob' }],
    ['scan.paused', { what: 'installation', ...paused }],
    ['scan.resumed', { what: 'installation', by: 'bob' }],
  ]);
  expect((await told(other)).map(([type, { what }]) => [type, what])).toEqual([
    ['scan.paused', 'installation'],
    ['scan.resumed', 'installation'],
  ]);
});

it('dead letters are one event with their number and the first of them, also after a crash', async () => {
  const jobs = scene.runJobs();
  const id = await scene.submit({ project, entries: '11.1.0.0/26' });
  await scene.untilState(id, 'done');
  await jobs.close();
  const facts = await scene.stores.submissions.facts(id);
  const ids = await scene.redis.smembers(workerKeys.projectTasks(project));
  const described = await scene.stores.tasks.describe(ids);
  for (const { id: task, ip = '', ports } of described.slice(0, 25))
    await scene.stores.again.putBack(facts, [{ id: task, ip, part: 0, ports }], 'failed');
  // The process that buried them dies here; another one runs the chore.
  const before = (await told()).length;
  await buryDead(scene.services);
  await buryDead(scene.services);
  const [[type, data] = [], ...more] = (await told()).slice(before);
  expect(more).toEqual([]);
  expect(type).toBe('target.dead');
  expect(data).toEqual({
    scan: { id, user: 'ann' },
    targets: { total: 25, listed: described.slice(0, 20).map(({ ip }) => ip) },
  });
});

it('a receipt that has its end is told of once; the list of the installation is nobody’s', async () => {
  const { receipts } = scene.stores;
  const at = '2026-11-02T09:30:00.000Z';
  const common = { project, by: 'ann', at, running: 'kill' as const };
  const own = newReceipt({ ...common, id: 'r1', of: 'project' }, ['11.1.0.1', '11.1.0.2']);
  const everybodys = newReceipt({ ...common, id: 'i1', of: 'installation' }, ['192.0.2.77']);
  for (const receipt of [own, everybodys]) {
    await receipts.open(receipt);
    await receipts.save(receipt);
    for (let times = 0; times < 2; times++) await receipts.save({ ...receipt, since: at });
  }
  const entries = { total: 2, listed: ['11.1.0.1', '11.1.0.2'] };
  expect(await told()).toEqual([
    ['exclusion.in_effect', { receipt: 'r1', of: 'project', by: 'ann', at, since: at, entries }],
    ['exclusion.in_effect', { receipt: 'installation', of: 'installation', at, since: at }],
  ]);
});

it('a worker that is gone is told to the projects whose tasks it had, and to no other', async () => {
  const id = await scene.submit({ project, entries: '11.1.0.1' });
  const { presence } = scene.stores;
  const run = async (task: string, submission: string) => {
    await scene.redis.hset(workerKeys.task(task), { ip: '11.1.0.1', ports: '80', submission });
    await scene.redis.rpush(workerKeys.running(task, 'worker-1'), '{}');
  };
  await run('t1', id);
  await run('t2', `${id}:entries`);
  await scene.redis.hset(workerKeys.tool('worker-1'), 't1', 1);
  const left = await presence.discover();
  for (let ping = 0; ping < GONE_AFTER_PINGS; ping++) await presence.pinged();
  expect(await presence.forgetGone(left)).toEqual(new Map([['worker-1', 2]]));
  await presence.forgetGone(left);
  expect(await told()).toEqual([
    ['worker.gone', { worker: 'worker-1', targets: { total: 1, listed: ['11.1.0.1'] } }],
  ]);
});

it('a reader goes on where it was, and learns that it came too late', async () => {
  const { pauses, projectEvents } = scene.stores;
  for (let times = 0; times < 5; times++) {
    await pauses.pause({ project }, pauseBy, 'finish');
    await pauses.resume({ project });
  }
  const seen: string[] = [];
  for (let after = '0-0'; ; ) {
    const page = await projectEvents.page(project, after, 3);
    expect(page.missedUpTo).toBeUndefined();
    seen.push(...page.events.map(({ id }) => id));
    if (page.last === after) break;
    after = page.last;
  }
  expect(seen).toEqual((await all()).map(({ id }) => id));
  expect(seen).toHaveLength(10);
  await scene.redis.xtrim(projectKeys(project).events, 'MAXLEN', 4);
  const [first = ''] = seen;
  expect((await projectEvents.page(project, first, 3)).missedUpTo).toBe(seen[5]);
  expect((await projectEvents.page(project, seen[5] ?? '', 3)).missedUpTo).toBeUndefined();
  expect(await projectEvents.page(randomUUID(), '5-0', 3)).toEqual({
    ...{ events: [], last: '5-0', missedUpTo: undefined },
  });
});

it('a stream that cannot be written keeps nothing from happening', async () => {
  await scene.redis.set(projectKeys(project).events, 'no stream');
  const id = await scene.submit({ project, entries: '11.1.0.1' });
  await stop(project, scene.services);
  expect((await scene.progress(id)).state).toBe('stopped');
});
