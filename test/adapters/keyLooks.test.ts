import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { KeyLooks } from '../../src/adapters/keyLooks.ts';
import { eventually, ownRedisDb, services } from '../support/services.ts';

const MANY = 20_000;
const MOST = 1_000;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
beforeEach(async () => {
  await redis.flushdb();
  const pipeline = redis.pipeline();
  for (let nth = 0; nth < MANY; nth++) pipeline.set(`other:${nth}`, '');
  await pipeline.set('worker:a', '').exec();
});
afterAll(() => redis?.disconnect());

it('those who ask at once share one look, and a later one finds what is new', async () => {
  const { db } = redis.options;
  const monitor = await redis.duplicate().monitor();
  let scans = 0;
  monitor.on('monitor', (_time: string, [command]: string[], _source: string, database: string) => {
    if (command?.toLowerCase() === 'scan' && Number(database) === db) scans++;
  });
  const looks = new KeyLooks(redis);
  const found = await Promise.all(Array.from({ length: 50 }, () => looks.like('worker:*', MOST)));
  expect(new Set(found.map(String))).toEqual(new Set(['worker:a']));
  expect(await looks.like('worker:*', MOST)).toEqual(['worker:a']);
  await eventually('the monitor tells', () => scans > 0);
  await redis.ping();
  expect(scans).toBeLessThan((2 * MANY) / 1_000);
  monitor.disconnect();

  await redis.set('worker:b', '');
  await eventually('the new one is found', async () => (await looks.like('worker:*', MOST)).length === 2);
});

it('a look that fails is not kept', async () => {
  const own = redis.duplicate({ retryStrategy: () => 1 });
  const looks = new KeyLooks(own);
  own.disconnect();
  await expect(looks.like('worker:*', MOST)).rejects.toThrow();
  await own.connect();
  expect(await looks.like('worker:*', MOST)).toEqual(['worker:a']);
  own.disconnect();
});

it('finds so many at most, in order', async () => {
  expect(await new KeyLooks(redis).like('other:1*', 3)).toHaveLength(3);
  await redis.mset('worker:c', '', 'worker:b', '');
  expect(await new KeyLooks(redis).like('worker:*', MOST)).toEqual(['worker:a', 'worker:b', 'worker:c']);
});
