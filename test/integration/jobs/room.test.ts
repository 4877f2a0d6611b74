import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { scanTaskWriter } from '../../../src/adapters/celery/messages.ts';
import { createResolver } from '../../../src/adapters/dns/resolver.ts';
import { UNANSWERED_PINGS_KEY } from '../../../src/adapters/redis/keys.ts';
import type { DispatchWindow } from '../../../src/config/formats.ts';
import { Room } from '../../../src/jobs/publish/room.ts';
import { takeTasks } from '../../support/scanQueue.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;

beforeAll(async () => {
  scene = await stageScene(createResolver());
});
afterAll(() => scene?.close());
afterEach(() => vi.useRealTimers());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  await takeTasks(scene.vhost);
  await scene.redis.flushdb();
});

const roomWith = (dispatchWindow: DispatchWindow) => new Room({ ...scene.context, dispatchWindow });

/** Puts so many tasks into the queue, as if this or another process had sent them. */
async function ready(count: number): Promise<void> {
  const { mode, timeout, include_services } = OPTIONS;
  const write = scanTaskWriter({
    ...{ project: randomUUID(), open_ports_opts: '-p 80', service_opts: '', timeout, include_services, mode },
    ...{ user: { id: 'u', username: 'ann' }, open_ports_str: '80', track_history: true },
  });
  await scene.context.broker.publishTasks(
    Array.from({ length: count }, (_, i) => write(randomUUID(), `11.0.${i >> 8}.${i & 255}`, [])),
  );
  await scene.redis.incrby('tasker:published', count);
  await eventually('they are ready', async () => (await scene.context.broker.depth()) >= count);
}

it('a part is as large as what is free of the window, and there is none when it is full', async () => {
  const room = roomWith(20);
  await ready(15);
  expect(await room.take(250)).toBe(5);
  await expect(room.take(250)).rejects.toMatchObject({ rests: 'queue' });
  room.giveBack(5);
  expect(await room.take(3)).toBe(3);
});

it('several jobs of a process at once do not take the same room twice', async () => {
  const room = roomWith(100);
  await ready(40);
  const parts = await Promise.allSettled(Array.from({ length: 6 }, () => room.take(25)));
  const taken = parts.map((part) => (part.status === 'fulfilled' ? part.value : 0));
  expect(taken.reduce((sum, part) => sum + part, 0)).toBe(60);
});

it('without a window a batch goes out as a whole', async () => {
  await ready(10);
  expect(await roomWith(0).take(250)).toBe(250);
});

it('auto is 4 where nothing is known, 2 for each worker, and at most 1,000', async () => {
  expect(await roomWith('auto').take(250)).toBe(4);
  for (let worker = 0; worker < 10; worker++)
    await scene.redis.hset(UNANSWERED_PINGS_KEY, `host-${worker}`, 0);
  expect(await roomWith('auto').take(250)).toBe(20);
  for (let worker = 10; worker < 700; worker++)
    await scene.redis.hset(UNANSWERED_PINGS_KEY, `host-${worker}`, 0);
  expect(await roomWith('auto').take(5_000)).toBe(1_000);
  expect(await scene.stores.windowStore.read()).toEqual({ limit: 1_000, rate: 0 });
});

it('auto follows what workers take, whoever sent it, and not what is taken out of the queue', async () => {
  const room = roomWith('auto');
  await ready(300);
  await expect(room.take(250)).rejects.toMatchObject({ rests: 'queue' });
  // Others took 200 in about a second.
  vi.advanceTimersByTime(1_000);
  const left = (await takeTasks(scene.vhost)).length;
  expect(left).toBe(300);
  await ready(100);
  await room.take(250).catch(() => {});
  const measured = await scene.stores.windowStore.read();
  expect(measured?.rate).toBeGreaterThan(100);
  expect(measured?.rate).toBeLessThan(320);
  expect(measured?.limit).toBe(Math.ceil(measured?.rate ?? 0));

  await scene.redis.flushdb();
  const another = roomWith('auto');
  await another.take(1).catch(() => {});
  vi.advanceTimersByTime(600);
  await scene.stores.windowStore.takenOut((await takeTasks(scene.vhost)).length);
  await another.take(1);
  expect((await scene.stores.windowStore.read())?.rate).toBe(0);
});

it('while RabbitMQ blocks publishers there is no room', async () => {
  const broker = Object.create(scene.context.broker, { blocked: { value: 'memory' } });
  const room = new Room({ ...scene.context, broker, dispatchWindow: 'auto' });
  await expect(room.take(1)).rejects.toMatchObject({ rests: 'queue', restMs: 1_000 });
});

it('a full window is looked at again when half of it is free by the pace of the workers', async () => {
  const room = roomWith('auto');
  await room.take(1);
  await scene.redis.incrby('tasker:published', 3_000);
  vi.advanceTimersByTime(700);
  const part = await room.take(5_000);
  expect(part).toBeGreaterThan(500);
  const full = await room.take(5_000).catch((error: unknown) => error);
  expect(full).toMatchObject({ rests: 'queue' });
  expect(Reflect.get(full as object, 'restMs')).toBeLessThanOrEqual(100);
});
