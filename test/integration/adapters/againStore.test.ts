/** What was sent and has come back: put back, sent again, and each step once more, as after a lost answer. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AgainStore } from '../../../src/adapters/dispatch/againStore.ts';
import { AGAIN, BatchStore } from '../../../src/adapters/dispatch/batchStore.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis?.disconnect());

it('every step may be done twice', async () => {
  const [again, batches] = [new AgainStore(redis), new BatchStore(redis)];
  const [id, project, user] = [randomUUID(), randomUUID(), { id: 'u' }];
  const { facts } = submissionKeys(id);
  await redis.hset(facts, { state: 'dispatching', project, published: 2 });
  const task = { id: randomUUID(), ip: '11.0.0.1', part: 0, ports: '80' };
  const counts = () => redis.hmget(facts, 'again', 'published');
  for (let times = 0; times < 2; times++) {
    await again.putBack({ id, project, user }, [task]);
    expect(await counts()).toEqual(['1', '1']);
  }
  const sent = { lane: AGAIN, batch: AGAIN, from: 0, to: 0, last: true, dropped: [], refused: 0 };
  await batches.sent(id, { ...sent, ids: [task.id], published: 1 });
  await batches.sent(id, { ...sent, ids: [task.id], published: 1 });
  expect(await counts()).toEqual(['0', '2']);
  expect(await again.count(id)).toBe(0);
});
