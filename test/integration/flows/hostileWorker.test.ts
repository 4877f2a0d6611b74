/** A worker that writes nonsense spoils nothing of what the others say, on a real Redis and RabbitMQ. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parsePong, taskOf } from '../../../src/adapters/celery/parse.ts';
import { ProjectStore } from '../../../src/adapters/projects/projectStore.ts';
import { UNANSWERED_PINGS_KEY } from '../../../src/adapters/redis/keys.ts';
import { createStores } from '../../../src/adapters/redis/stores.ts';
import { GONE_AFTER_PINGS, WorkerPresence } from '../../../src/adapters/workers/presence.ts';
import {
  LONGEST_ENTRY,
  LONGEST_PONG,
  MOST_LISTED,
  MOST_WORKERS,
} from '../../../src/adapters/workers/words.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { recallTasks } from '../../../src/flows/stop/recallTasks.ts';
import { withdraw } from '../../../src/flows/stop/withdraw.ts';
import { projectStatus } from '../../../src/queries/projectStatus.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createScene, type Scene, task } from '../../support/brokerScene.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { fitting, statusAnswer } from '../../support/workerContract.ts';

const PROJECT = randomUUID();
const log = createLog({ level: 'silent', role: 'test' });
let redis: Redis;
let workers: WorkerStore;
let presence: WorkerPresence;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
beforeEach(async () => {
  await redis.flushdb();
  // A new one for each test: a look at the keys counts for a while.
  workers = new WorkerStore(redis);
  presence = new WorkerPresence(redis);
});
afterAll(() => redis?.disconnect());

const entry = (more: object = {}) =>
  JSON.stringify({
    ip: '9.9.9.9',
    hostnames: ['a.test'],
    worker: 'good',
    started_at: 1_800_000_000,
    ...more,
  });
const status = () => projectStatus(PROJECT, { projects: new ProjectStore(redis), workers });
const pong = (host: string) =>
  parsePong(Buffer.from(JSON.stringify({ [`nmap_scan_queue@${host}`]: { ok: 'pong' } })));

/** A task of the project that a good worker runs. */
async function good(): Promise<string> {
  const id = randomUUID();
  await redis.sadd(`project:${PROJECT}:task_ids`, id);
  await redis.hset(`task:${id}:metadata:nmap`, { ip: '9.9.9.9', ports: '80' });
  await redis.rpush(`running:task:${id}:host:good`, entry());
  await redis.hset('running_tool:nmap:good', id, 4711);
  await redis.hset('worker:good', { ip: '203.0.113.7', last_updated: 1_800_000_000 });
  await workers.seen('good', 1_800_000_000);
  return id;
}

/** Each key of a worker with another type than it has. */
async function wrongTypes(): Promise<void> {
  await redis.set(`running:task:${randomUUID()}:host:evil`, 'no list');
  await redis.hset(`running:task:${randomUUID()}:host:evil`, 'no', 'list');
  await redis.set('running_tool:nmap:evil', 'no hash');
  await redis.rpush('worker:evil', 'no hash');
}

describe('status', () => {
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['text where a list should be', (id) => redis.set(`running:task:${id}:host:evil`, 'no list')],
    ['a hash where a list should be', (id) => redis.hset(`running:task:${id}:host:evil`, 'no', 'list')],
    ['no JSON', (id) => redis.rpush(`running:task:${id}:host:evil`, '{'.repeat(100_000))],
    [
      'an entry that is too long',
      (id) => redis.rpush(`running:task:${id}:host:evil`, entry({ why: 'x'.repeat(LONGEST_ENTRY) })),
    ],
    [
      'an order to the terminal',
      (id) => redis.rpush(`running:task:${id}:host:evil`, entry({ ip: '\u001b[2J' })),
    ],
  ])('shows what the others run when a worker wrote %s', async (_, write) => {
    await good();
    const id = randomUUID();
    await redis.sadd(`project:${PROJECT}:task_ids`, id);
    await write(id);
    const answer = fitting(await status(), statusAnswer);
    expect(answer.active_or_queued).toBe(2);
    expect(answer.running_targets).toEqual([
      { ip: '9.9.9.9', hostnames: ['a.test'], worker: 'good', started_at: 1_800_000_000 },
    ]);
  });

  it('leaves out words that are no names', async () => {
    const id = randomUUID();
    await redis.sadd(`project:${PROJECT}:task_ids`, id);
    const hostnames = ['a.test', 'x'.repeat(256), 'b\u0007.test', 'c\u202e.test', 7, null];
    await redis.rpush(`running:task:${id}:host:evil`, entry({ hostnames, worker: 'w\u001b]0;x\u0007' }));
    expect((await status()).running_targets).toMatchObject([{ hostnames: ['a.test'], worker: 'unknown' }]);
  });

  it('takes no more into an answer than it has room for', async () => {
    for (let nth = 0; nth < 300; nth++) {
      const id = randomUUID();
      await redis.sadd(`project:${PROJECT}:task_ids`, id);
      await redis.rpush(`running:task:${id}:host:evil`, entry({ why: 'x'.repeat(LONGEST_ENTRY - 200) }));
    }
    const { running } = await status();
    expect(running).toBeGreaterThan(50);
    expect(running).toBeLessThan(150);
  });
});

describe('workers', () => {
  it('are listed with what is readable, whatever one of them wrote', async () => {
    await good();
    await wrongTypes();
    await redis.hset('worker:long', {
      ip: 'x'.repeat(100_000),
      last_updated: `${'0'.repeat(300)}1800000000`,
      more: 'y',
    });
    await redis.hset(`worker:${'n'.repeat(300)}`, 'ip', '203.0.113.8');
    await redis.hset('worker:a b\n', 'ip', '203.0.113.9');
    expect(await workers.workers()).toEqual({
      evil: { ip: 'unknown', last_updated: 0, last_seen: 0 },
      good: { ip: '203.0.113.7', last_updated: 1_800_000_000, last_seen: 1_800_000_000 },
      long: { ip: 'unknown', last_updated: 0, last_seen: 0 },
    });
  });

  it('are seen again where the key was of another type', async () => {
    await wrongTypes();
    expect(await workers.seen('evil', 1_800_000_001)).toBe(true);
    expect(await workers.workers()).toMatchObject({ evil: { last_seen: 1_800_000_001 } });
    expect(await redis.ttl('worker:evil')).toBeGreaterThan(0);
  });

  it('are so many at most, and one that is known stays known', async () => {
    await workers.seen('good', 1);
    for (let nth = 1; nth < MOST_WORKERS; nth++) await redis.hset(UNANSWERED_PINGS_KEY, `false-${nth}`, 0);
    expect(await workers.seen('one-more', 1)).toBe(false);
    expect(await redis.exists('worker:one-more')).toBe(0);
    expect(await workers.seen('good', 2)).toBe(true);
    for (let nth = 0; nth < 3; nth++) await redis.hset(`running_tool:nmap:more-${nth}`, 'task', 1);
    await presence.discover();
    expect(await redis.hlen(UNANSWERED_PINGS_KEY)).toBe(MOST_WORKERS);
  });

  it('list so many tasks at most, and only what can be one', async () => {
    const id = await good();
    await wrongTypes();
    const many = Array.from({ length: 3 * MOST_LISTED }, (_, nth) => [`task-${nth}`, '1']).flat();
    await redis.hset('running_tool:nmap:busy', ...many);
    await redis.hset('running_tool:nmap:odd', 'x'.repeat(10_000), 1, 'a b', 1);
    await presence.discover();
    const known = new Map((await presence.workers()).map(({ host, tasks }) => [host, tasks]));
    expect(known.get('good')).toEqual(new Set([id]));
    expect(known.get('evil')?.size).toBe(0);
    expect(known.get('busy')?.size).toBe(MOST_LISTED);
    expect(known.get('odd')?.size).toBe(0);
  });

  it('that are gone leave nothing, of whatever type', async () => {
    await wrongTypes();
    await redis.hset('running_tool:nmap:dead', 'ended', 1);
    await presence.discover();
    for (let ping = 0; ping < GONE_AFTER_PINGS; ping++) await presence.pinged();
    expect(await presence.forgetGone(await presence.discover())).toEqual(new Map([['evil', 2]]));
    expect(await redis.keys('running*')).toEqual([]);
    expect(await redis.hgetall(UNANSWERED_PINGS_KEY)).toEqual({});
  });
});

describe('an answer to a ping', () => {
  it.each(['a b', 'a\n', '\u001b[2J', 'a\u202eb', 'x'.repeat(256)])('from %j is none', (host) => {
    expect(pong('scan-1')).toBe('scan-1');
    expect(pong(host)).toBeUndefined();
  });

  it('that is too long is none', () => {
    const text = JSON.stringify({ 'nmap_scan_queue@scan-1': { ok: 'pong', more: 'x'.repeat(LONGEST_PONG) } });
    expect(parsePong(Buffer.from(text))).toBeUndefined();
  });
});

it('a message that would take long to read is no task', () => {
  const { content, properties } = task(1, PROJECT);
  expect(taskOf(content, properties.headers)?.project).toBe(PROJECT);
  const long = Buffer.concat([Buffer.alloc(2 ** 22, ' '), content]);
  expect(taskOf(long, properties.headers)).toBeUndefined();
});

describe('a stop', () => {
  let scene: Scene;
  const heard: string[] = [];

  beforeAll(async () => {
    scene = await createScene();
    const channel = await (await scene.stranger()).createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.assertExchange('celery.pidbox', 'fanout', { durable: false });
    await channel.bindQueue(queue, 'celery.pidbox', '');
    await channel.consume(queue, (message) => void heard.push(message?.content.toString() ?? ''), {
      noAck: true,
    });
  });
  afterAll(() => scene?.close());

  it('ends the tasks also beside ids and keys that make no sense', async () => {
    const broker = await scene.broker();
    const stores = createStores(redis, new Compute());
    const id = await good();
    await wrongTypes();
    const spoilt = randomUUID();
    await redis.set(`task:${spoilt}:metadata:nmap`, 'no hash');
    // Together longer than a message may be.
    const long = Array.from({ length: 40 }, (_, nth) => String(nth).repeat(2 ** 19));
    await redis.sadd(`project:${PROJECT}:task_ids`, spoilt, ...long);
    expect(await withdraw(PROJECT, { ...stores, broker, log })).toEqual({ ready: 0, running: 2 });
    await eventually('the revoke is heard', () => heard.some((text) => text.includes(id)));
    expect(heard.some((text) => text.includes(spoilt))).toBe(true);
    expect(Math.max(...heard.map(({ length }) => length))).toBeLessThan(10_000);
    expect((await status()).active_or_queued).toBe(0);
    heard.length = 0;
    await recallTasks({ ...stores, broker, log });
    await eventually('it is told again', () => heard.some((text) => text.includes(id)));
  });
});
