import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UNANSWERED_PINGS_KEY } from '../../../src/adapters/redis/keys.ts';
import { GONE_AFTER_PINGS, WorkerPresence } from '../../../src/adapters/workers/presence.ts';
import { RecallStore } from '../../../src/adapters/workers/recallStore.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
let presence: WorkerPresence;
let workers: WorkerStore;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  presence = new WorkerPresence(redis);
  workers = new WorkerStore(redis);
});

afterAll(() => redis?.disconnect());

beforeEach(() => redis.flushdb());

/** A worker that is in the middle of a scan. */
async function runs(host: string, task: string): Promise<void> {
  const entry = { ip: '9.9.9.9', hostnames: [], worker: host, started_at: 1_800_000_000 };
  await redis.rpush(`running:task:${task}:host:${host}`, JSON.stringify(entry));
  await redis.hset(`running_tool:nmap:${host}`, task, 4711);
}

async function pings(count: number): Promise<void> {
  for (let ping = 0; ping < count; ping++) await presence.pinged();
}

/** Pings without an answer, and the time that they take. */
async function falls(host: string): Promise<void> {
  await pings(GONE_AFTER_PINGS);
  await redis.del(`worker:${host}`);
}

const runningKeys = async () => (await redis.keys('running*')).sort();

describe('what a worker leaves behind', () => {
  it('goes when it has answered none of six pings in a row, and not before', async () => {
    await runs('dead', 't1');
    await presence.forgetGone(await presence.discover());
    await pings(GONE_AFTER_PINGS - 1);
    await redis.del('worker:dead');
    expect(await presence.forgetGone(await presence.discover())).toEqual(new Map());
    expect((await runningKeys()).length).toBe(2);
    await pings(1);
    expect(await presence.forgetGone(await presence.discover())).toEqual(new Map([['dead', 1]]));
    expect(await runningKeys()).toEqual([]);
    expect(await redis.exists(UNANSWERED_PINGS_KEY)).toBe(0);
  });

  it('stays as long as it answers, however many pings went out', async () => {
    await runs('alive', 't1');
    for (let ping = 0; ping < 20; ping++) {
      await presence.pinged();
      await workers.seen('alive', ping);
    }
    await presence.forgetGone(await presence.discover());
    expect((await runningKeys()).length).toBe(2);
  });

  it('stays while its key says that it answered a moment ago, whatever was counted', async () => {
    await runs('alive', 't1');
    await workers.seen('alive', 1);
    await pings(50);
    await presence.forgetGone(await presence.discover());
    expect((await runningKeys()).length).toBe(2);
  });

  it('keeps the pid of a task that is out, or recalled: a cancel finds its nmap only by that', async () => {
    const recalls = new RecallStore(redis);
    for (const task of ['ended', 'out', 'recalled']) await runs('cut-off', task);
    await redis.hset('task:out:metadata:nmap', { ip: '9.9.9.9', ports: '80' });
    await recalls.remember(['recalled'], new Set());
    await presence.discover();
    await falls('cut-off');
    expect(await presence.forgetGone(await presence.discover())).toEqual(new Map([['cut-off', 3]]));
    expect((await redis.hkeys('running_tool:nmap:cut-off')).sort()).toEqual(['out', 'recalled']);

    await redis.del('task:out:metadata:nmap');
    await recalls.forget(['recalled']);
    await presence.forgetGone(await presence.discover());
    expect(await runningKeys()).toEqual([]);
  });
});

describe('a task with two running entries', () => {
  beforeEach(async () => {
    await runs('a-dead', 't1');
    await runs('b-alive', 't1');
    await runs('c-dead', 't1');
    await runs('a-dead', 't2');
    await workers.seen('b-alive', 1);
    await redis.sadd('project:p:task_ids', 't1', 't2');
  });

  it('counts once in the status, with the worker that is there', async () => {
    const running = await workers.runningTargets('p');
    expect(running.map(({ worker }) => worker).sort()).toEqual(['a-dead', 'b-alive']);
  });

  it('is explained by the worker that is there', async () => {
    expect((await workers.runningTask('t1'))?.worker).toBe('b-alive');
    expect((await workers.runningTask('t2'))?.worker).toBe('a-dead');
    expect(await workers.runningTask('t3')).toBeUndefined();
  });
});
