/** What becomes of tasks is counted once, whatever is done twice. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { AgainStore } from '../../../src/adapters/dispatch/againStore.ts';
import { AGAIN, BatchStore, type SentBatch } from '../../../src/adapters/dispatch/batchStore.ts';
import { readTaskCounts } from '../../../src/adapters/dispatch/taskCounts.ts';
import { TaskTimes } from '../../../src/adapters/dispatch/taskTimes.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { FollowStore } from '../../../src/adapters/submissions/followStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { ownRedisDb, services } from '../../support/services.ts';

const PROJECT = randomUUID();
const USER = { id: 'u' };
const PART: SentBatch = {
  ...{ lane: 0, batch: 0, from: 0, to: 5, last: true, ids: [], published: 5, dropped: [], refused: 0 },
};

let redis: Redis;
beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
beforeEach(() => redis.flushdb());
afterAll(() => redis?.disconnect());

/** Five tasks of priority 2 that are out, and not marked as sent. */
async function tracked(state = 'dispatching') {
  const id = randomUUID();
  const tasks = Array.from({ length: 5 }, (_, n) => {
    return { id: randomUUID(), ip: `11.0.0.${n}`, part: 0, ports: '80' };
  });
  await redis.hset(submissionKeys(id).facts, { state, project: PROJECT, kind: 'scan', priority: 2 });
  for (const task of tasks) {
    await redis.sadd(submissionKeys(id).out, task.id);
    await redis.sadd(workerKeys.projectTasks(PROJECT), task.id);
    await redis.hset(workerKeys.task(task.id), { ip: task.ip, ports: '80', submission: id });
  }
  return { id, tasks, scan: { id, project: PROJECT, user: USER } };
}

const ended = (tasks: readonly { id: string }[]) =>
  redis.srem(workerKeys.projectTasks(PROJECT), ...tasks.map(({ id }) => id));

/** Those that are not 0. */
async function counts(): Promise<Record<string, number>> {
  const all = (await readTaskCounts(redis)).filter(({ count }) => count !== 0);
  return Object.fromEntries(all.map(({ event, priority, count }) => [`${event} ${priority}`, count]));
}

it('sent when it is marked, done when it is seen that it is out no more', async () => {
  const { id, tasks } = await tracked();
  for (let twice = 0; twice < 2; twice++) await new BatchStore(redis).sent(id, PART);
  expect(await counts()).toEqual({ 'sent 2': 5 });
  await ended(tasks.slice(0, 2));
  for (let twice = 0; twice < 2; twice++) await new TaskTimes(redis).note([tasks[4]?.id ?? '']);
  expect(await counts()).toEqual({ 'sent 2': 5, 'done 2': 2 });
  await ended(tasks);
  await redis.hset(submissionKeys(id).facts, 'state', 'done');
  for (let twice = 0; twice < 2; twice++) await new FollowStore(redis).follow(id, PROJECT);
  expect(await counts()).toEqual({ 'sent 2': 5, 'done 2': 5 });
});

it('what comes back and is sent once more is resent, and done once', async () => {
  const { id, tasks, scan } = await tracked();
  await new BatchStore(redis).sent(id, PART);
  const [first] = tasks;
  if (first === undefined) throw new Error('there are five tasks');
  await new AgainStore(redis).putBack(scan, [first]);
  const again = { ...PART, lane: AGAIN, batch: AGAIN, ids: [first.id], published: 1 };
  for (let twice = 0; twice < 2; twice++) await new BatchStore(redis).sent(id, again);
  await ended(tasks);
  await redis.hset(submissionKeys(id).facts, 'state', 'done');
  await new FollowStore(redis).follow(id, PROJECT);
  expect(await counts()).toEqual({ 'sent 2': 5, 'resent 2': 1, 'done 2': 5 });
});

it('a dead letter is dead, and not done', async () => {
  const { id, tasks, scan } = await tracked();
  await new BatchStore(redis).sent(id, PART);
  for (let twice = 0; twice < 2; twice++)
    await new AgainStore(redis).putBack(scan, tasks.slice(0, 1), 'failed');
  await ended(tasks.slice(1));
  await redis.hset(submissionKeys(id).facts, 'state', 'done');
  await new FollowStore(redis).follow(id, PROJECT);
  expect(await counts()).toEqual({ 'sent 2': 5, 'dead 2': 1, 'done 2': 4 });
});

it('what a stop takes back is not done', async () => {
  const { id, tasks } = await tracked();
  await new BatchStore(redis).sent(id, PART);
  await redis.hset(submissionKeys(id).facts, 'state', 'stopped');
  await ended(tasks);
  await new FollowStore(redis).follow(id, PROJECT);
  await new TaskTimes(redis).note(tasks.map((task) => task.id));
  expect(await counts()).toEqual({ 'sent 2': 5 });
});
