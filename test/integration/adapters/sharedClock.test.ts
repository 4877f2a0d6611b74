import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { SharedClock } from '../../../src/adapters/redis/sharedClock.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let redis: Redis;
let clock: SharedClock | undefined;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterEach(() => {
  vi.useRealTimers();
  clock?.close();
});
afterAll(() => redis?.disconnect());

it.each([HOUR_MS, -HOUR_MS])(
  'the clock tells the time of Redis, also where the machine is off by %i ms',
  async (offMs) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs });
    clock = await SharedClock.open(redis);
    const told = clock.now();
    vi.useRealTimers();
    expect(Math.abs(told - Date.now())).toBeLessThan(MINUTE_MS);
  },
);

it('the clock asks again now and then, until it is closed', async () => {
  const sent = vi.spyOn(redis, 'sendCommand');
  const asked = () => sent.mock.calls.filter(([{ name }]) => name === 'time').length;
  clock = await SharedClock.open(redis, 1);
  await eventually('it asks again', () => asked() > 3);
  clock.close();
  const told = clock.now();
  await redis.ping(); // what was on its way is there
  const before = asked();
  await eventually('time passes', () => (clock?.now() ?? 0) > told + 100);
  expect(asked()).toBeLessThanOrEqual(before + 1);
  sent.mockRestore();
});

it('the clock goes on while Redis is away', async () => {
  const own = redis.duplicate();
  clock = await SharedClock.open(own, 1);
  own.disconnect();
  const told = clock.now();
  await eventually('time passes', () => (clock?.now() ?? 0) > told + 100);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(MINUTE_MS);
});
