/** What goes to the workers about tasks of stopped scans, on a real Redis and RabbitMQ. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Broker } from '../../../src/adapters/rabbitmq/broker.ts';
import { createStores } from '../../../src/adapters/redis/stores.ts';
import { WorkerPresence } from '../../../src/adapters/workers/presence.ts';
import { RecallStore } from '../../../src/adapters/workers/recallStore.ts';
import { WorkerStore } from '../../../src/adapters/workers/workerStore.ts';
import { recallTasks } from '../../../src/flows/stop/recallTasks.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createScene, type Scene, task } from '../../support/brokerScene.ts';
import { queueDepth } from '../../support/scanQueue.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

const log = createLog({ level: 'silent', role: 'test' });
let scene: Scene;
let redis: Redis;
let broker: Broker;
let recalls: RecallStore;
let presence: WorkerPresence;
/** The control messages, as a worker hears them. */
const heard: string[] = [];

beforeAll(async () => {
  scene = await createScene();
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  scene.onClose(async () => redis.disconnect());
  broker = await scene.broker();
  recalls = new RecallStore(redis);
  presence = new WorkerPresence(redis);
  const channel = await (await scene.stranger()).createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'celery.pidbox', '');
  await channel.bindQueue(queue, 'nmap_cancel_queue', '');
  await channel.consume(queue, (message) => void heard.push(message?.content.toString() ?? ''), {
    noAck: true,
  });
});

afterAll(() => scene?.close());

afterEach(() => vi.useRealTimers());

beforeEach(async () => {
  await redis.flushdb();
  heard.length = 0;
});

const run = () => recallTasks({ ...createStores(redis, new Compute()), broker, log });
const heardOf = (id: string) => heard.filter((text) => text.includes(id)).length;

/** Everything that was sent before has arrived: the exchanges keep the order. */
async function allHeard(): Promise<void> {
  const mark = randomUUID();
  await recalls.remember([mark], new Set());
  await redis.hset('running_tool:nmap:marker', mark, 1);
  await run();
  await eventually('the mark is heard', () => heardOf(mark) >= 2);
  await redis.del('running_tool:nmap:marker');
  await recalls.forget([mark]);
}

it('a task is revoked and cancelled while a worker lists it, and no more once it is off the list', async () => {
  const id = randomUUID();
  await recalls.remember([id], new Set());
  await redis.hset('running_tool:nmap:scan-1', id, 4711);
  await run();
  await eventually('both are heard', () => heardOf(id) === 2);

  await redis.hdel('running_tool:nmap:scan-1', id);
  await run();
  await allHeard();
  expect(heardOf(id)).toBe(2);
});

it('a worker that is gone is told nothing, until it answers again', async () => {
  const id = randomUUID();
  await new WorkerStore(redis).seen('scan-2', 1);
  await redis.hset('running_tool:nmap:scan-2', id, 4711);
  for (let ping = 0; ping < 6; ping++) await presence.pinged();
  await recalls.save([[id, { since: Date.now(), seen: Date.now(), taken: true }]]);
  await run();
  await allHeard();
  expect(heardOf(id)).toBe(0);
  expect([...(await recalls.all()).keys()]).toEqual([id]);

  await new WorkerStore(redis).seen('scan-2', 2);
  await run();
  await eventually('both are heard', () => heardOf(id) === 2);
});

it('a task is looked for in the whole queue once when it may stand there', async () => {
  const others = Array.from({ length: 600 }, (_, number) => task(number, randomUUID()));
  const ours = task(601, randomUUID());
  await broker.publishTasks([...others, ours]);
  await recalls.remember([ours.id ?? ''], new Set([ours.id ?? '']));
  await run();
  await eventually('only the others are left', async () => (await queueDepth(scene.vhost)) === 600);
  expect(await recalls.all()).toMatchObject(new Map([[ours.id, { taken: true }]]));
  expect([...(await recalls.all()).values()][0]?.queued).toBeUndefined();
});

it('the recall of a task that nobody runs ends, and a stale one is taken off its worker', async () => {
  const [lost, stale] = [randomUUID(), randomUUID()];
  const long = Date.now() - 600_000;
  await new WorkerStore(redis).seen('scan-3', 1);
  await redis.hset('running_tool:nmap:scan-3', stale, 4711);
  await recalls.save([
    [lost, { since: long, seen: long }],
    [stale, { since: long, seen: long, told: long }],
  ]);
  await run();
  expect(await recalls.all()).toEqual(new Map());
  expect(await redis.exists('running_tool:nmap:scan-3')).toBe(0);
});

it('no recall ends early where the clock of the process that looks, or of the one that stopped, is wrong', async () => {
  const clockOff = (byMs: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
  const [listed, free] = [randomUUID(), randomUUID()];
  await new WorkerStore(redis).seen('scan-4', 1);
  await redis.hset('running_tool:nmap:scan-4', listed, 4711);
  clockOff(-3_600_000);
  await recalls.remember([listed, free], new Set());
  vi.useRealTimers();
  await run();
  clockOff(3_600_000);
  await run();
  expect([...(await recalls.all()).keys()].sort()).toEqual([listed, free].sort());
  expect(await redis.hexists('running_tool:nmap:scan-4', listed)).toBe(1);
});
