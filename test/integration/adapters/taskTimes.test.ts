import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { TaskTimes } from '../../../src/adapters/dispatch/taskTimes.ts';
import { NUMBERS_PER_SECOND, TurnStore, tagOf } from '../../../src/adapters/dispatch/turnStore.ts';
import { submissionKeys, TASK_TIMES_AT_KEY } from '../../../src/adapters/redis/keys.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
let times: TaskTimes;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  times = new TaskTimes(redis);
});
beforeEach(() => redis.flushdb());
afterAll(() => redis.disconnect());

/** A submission that has published so many tasks, all of which are out. */
async function published(count: number, project = 'p'): Promise<{ id: string; tasks: string[] }> {
  const id = randomUUID();
  const tasks = Array.from({ length: count }, () => randomUUID());
  const { facts, out } = submissionKeys(id);
  await redis.hset(facts, { project, kind: 'scan', state: 'dispatching', published: count });
  await redis.sadd(out, ...tasks);
  await redis.sadd(workerKeys.projectTasks(project), ...tasks);
  for (const task of tasks) await redis.hset(workerKeys.task(task), { ip: '9.9.9.9', submission: id });
  return { id, tasks };
}

/** As if the last look had been so long ago. */
async function lookAfter(seconds: number, running: readonly string[]): Promise<string[]> {
  const [now, micros] = await redis.time();
  await redis.set(TASK_TIMES_AT_KEY, Number(now) + Number(micros) / 1e6 - seconds);
  return times.note(running);
}

const meanOf = async (id: string) => Number(await redis.hget(submissionKeys(id).facts, 'task_seconds'));

it('the time of a task is what all have taken, over those that ended and half of those that run', async () => {
  const { id, tasks } = await published(10);
  const running = tasks.slice(0, 4);
  await lookAfter(2, running);
  // None has ended: so long those take that run, at least.
  expect(await meanOf(id)).toBeCloseTo(2, 0);
  await redis.srem(workerKeys.projectTasks('p'), ...running);
  await lookAfter(2, tasks.slice(4, 8));
  expect(await meanOf(id)).toBeCloseTo(16 / (4 + 2), 1);
  expect(Number(await redis.get('tasker:project:p:task-seconds'))).toBeCloseTo(16 / 6, 1);
  expect(await redis.scard(submissionKeys(id).out)).toBe(6);
});

it('what nobody looked at for long counts for ten seconds at most', async () => {
  const { id, tasks } = await published(1);
  await lookAfter(3_600, tasks);
  expect(await meanOf(id)).toBeCloseTo(10, 0);
});

it('tasks that are not out, or of an older version, belong to nobody', async () => {
  const { id, tasks } = await published(1);
  await redis.hset(workerKeys.task('old'), { ip: '9.9.9.9', ports: '80' });
  expect(await times.submissionsOf([...tasks, 'old', 'gone'])).toEqual([id, undefined, undefined]);
  expect(await lookAfter(1, ['old', 'gone'])).toEqual([]);
});

it('says what share of the workers each project has', async () => {
  const one = await published(3, 'one');
  const other = await published(1, 'other');
  await lookAfter(1, [...one.tasks, ...other.tasks]);
  const usage = await times.usage(60);
  expect((usage.get('one') ?? 0) / (usage.get('other') ?? 1)).toBeCloseTo(3);
  expect(await times.projectsOf([...one.tasks, ...other.tasks, 'gone'])).toEqual(
    new Map([
      ['one', 3],
      ['other', 1],
    ]),
  );
});

it('a charge that was a guess is set right, and the submission is to be given new places in line', async () => {
  const turns = new TurnStore(redis);
  const { id, tasks } = await published(20);
  const submission = { id, project: 'p' };
  const { number } = await turns.take(submission, { lane: 0, tasks: 20 });
  // 20 tasks at the guess of one second each.
  const guessed = await turns.take(submission, { lane: 0, tasks: 1, sent: { number, tasks: 20 } });
  expect(tagOf(guessed.number)).toBe(20 * NUMBERS_PER_SECOND);
  await redis.srem(workerKeys.projectTasks('p'), ...tasks.slice(2));
  // They take a tenth of that: 18 have ended, two run.
  expect(await lookAfter(0.95, tasks.slice(0, 2))).toEqual([id]);
  const right = await turns.take(submission, { lane: 0, tasks: 1 });
  expect(tagOf(right.number)).toBeCloseTo(2 * NUMBERS_PER_SECOND, -1);
});

it('a difference within the error of the looks changes nothing', async () => {
  const { id, tasks } = await published(10);
  await redis.hset(submissionKeys(id).facts, 'task_charged', 2);
  await redis.srem(workerKeys.projectTasks('p'), ...tasks.slice(1));
  for (let look = 0; look < 3; look++) {
    await delay(1);
    expect(await lookAfter(1.8, tasks.slice(0, 1))).toEqual([]);
  }
  expect(Number(await redis.hget(submissionKeys(id).facts, 'task_charged'))).toBe(2);
});
