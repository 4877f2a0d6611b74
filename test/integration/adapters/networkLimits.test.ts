/** Which tasks the limits of networks let through, beside a plain count. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BatchStore } from '../../../src/adapters/dispatch/batchStore.ts';
import { LimitStore } from '../../../src/adapters/dispatch/limitStore.ts';
import { workerKeys } from '../../../src/adapters/workers/keys.ts';
import type { PerNetwork } from '../../../src/model/perNetwork.ts';
import { type Address, formatAddress } from '../../../src/targets/address/address.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
});
afterAll(() => redis?.disconnect());

const near = <T>(...arbitraries: fc.Arbitrary<T>[]) => fc.oneof(...arbitraries);
const v4: fc.Arbitrary<Address> = near(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 70_000 }),
).map((low) => 0x0b000000 + low);
const v6: fc.Arbitrary<Address> = fc
  .bigInt({ min: 0n, max: 2n ** 70n })
  .map((low) => (0x20010db8n << 96n) + low);
const limit: fc.Arbitrary<PerNetwork> = fc.record({
  tasks: fc.integer({ min: 1, max: 4 }),
  v4: fc.integer({ min: 8, max: 32 }),
  v6: fc.integer({ min: 16, max: 128 }),
});
const step = fc.record({
  address: near(v4, v4, v6),
  /** Instead of one more, an earlier one ends: which. */
  ends: fc.option(fc.nat(30), { freq: 3 }),
});

const networkOf = (address: Address, { v4: short, v6: long }: PerNetwork) =>
  typeof address === 'number'
    ? `4 ${BigInt(address) >> BigInt(32 - short)}`
    : `6 ${address >> BigInt(128 - long)}`;

it('are those that a count by network lets through, for any prefix length, of several limits the strictest', async () => {
  const [batches, limits] = [new BatchStore(redis), new LimitStore(redis)];
  await fc.assert(
    fc.asyncProperty(fc.array(limit, { minLength: 1, maxLength: 3 }), fc.array(step), async (all, steps) => {
      await redis.flushdb();
      const [submission, project] = [randomUUID(), randomUUID()];
      await redis.hset(`tasker:submission:${submission}`, { state: 'dispatching', project });
      let out: { id: string; address: Address }[] = [];
      for (const [place, { address, ends }] of steps.entries()) {
        const ended = ends === null ? undefined : out[ends];
        if (ended) {
          out = out.filter((each) => each !== ended);
          await redis.del(workerKeys.task(ended.id));
          await limits.freePlaces();
          continue;
        }
        const id = randomUUID();
        // Its ports make each task one of its own, also of the same address.
        const task = { id, ip: formatAddress(address), address, ports: String(place + 1), part: 0 };
        const part = { submission, project, user: 'u', lane: 0, batch: 0, from: place, to: place + 1 };
        const tracked = await batches.track({ ...part, limits: all, tasks: [task] });
        const isFree = all.every((each) => {
          const network = networkOf(address, each);
          const there = out.filter((other) => networkOf(other.address, each) === network);
          return there.length < (each.tasks ?? 0);
        });
        expect(tracked).toEqual({
          publishable: new Set(isFree ? [id] : []),
          aside: new Set(isFree ? [] : [id]),
        });
        if (isFree) out.push({ id, address });
        expect(await redis.hexists(`tasker:submission:${submission}:again`, id)).toBe(isFree ? 0 : 1);
      }
    }),
    { numRuns: 150 },
  );
});

it('what is over a limit is noted with the part of its ports, and counted', async () => {
  await redis.flushdb();
  const batches = new BatchStore(redis);
  const [submission, project] = [randomUUID(), randomUUID()];
  await redis.hset(`tasker:submission:${submission}`, { state: 'dispatching', project });
  const tasks = ['1-9', '10-19'].map((ports, part) => {
    return { id: randomUUID(), ip: '11.0.0.1', address: 0x0b000001, ports, part };
  });
  const part = { submission, project, user: 'u', lane: 0, batch: 0, from: 0, to: 2, tasks };
  await batches.track({ ...part, limits: [{ tasks: 1, v4: 24, v6: 64 }] });
  const again = await redis.hgetall(`tasker:submission:${submission}:again`);
  expect(again).toEqual({ [tasks[1]?.id ?? '']: '["11.0.0.1",1]' });
  expect(await redis.hget(`tasker:submission:${submission}`, 'again')).toBe('1');
});
