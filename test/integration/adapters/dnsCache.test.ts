/** What DNS said is kept for all processes, as long as it may be believed, and no more of it than is allowed. */

import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { createDnsCache } from '../../../src/adapters/names/dnsCache.ts';
import { SharedClock } from '../../../src/adapters/redis/sharedClock.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { DNS_CACHE_PATTERN } from '../../support/ownKeys.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

const ZONE = [
  ...['cname:b.test a.test 300', '1.1.1.1 b.test 300', '2001:db8::1 b.test 300'],
  ...['1.1.1.2 now.test 0', '1.1.1.3 soon.test 300'],
  ...Array.from({ length: 200 }, (_, i) => `1.1.${i}.1 n${i}.test 300`),
];
let redis: Redis;
let server: DnsServer;
const resolvers: NameResolver[] = [];

// A database for each test: what one has learnt is written after its end.
beforeEach(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  await redis.ping(); // a cache does not wait for its connection
});
afterEach(async () => {
  for (const resolver of resolvers.splice(0)) resolver.close();
  await server?.stop();
  redis.disconnect();
  vi.useRealTimers();
});

/** A resolver as another process would have it. */
async function another(
  options: { maxEntries?: number; servers?: string[]; now?: () => number } = {},
): Promise<NameResolver> {
  const { now = Date.now } = options;
  const servers = [`${server.address}:${server.port}`];
  const cache = createDnsCache(redis, { servers, ...options });
  const resolver = createResolver({ servers, cache, now, hostsFile: '/nowhere/hosts' });
  resolvers.push(resolver);
  return resolver;
}

/** Resolves with a resolver of its own, and waits until the cache knows so many names: it is written a little later. */
async function resolveUntilKept(count: number, ...call: Parameters<NameResolver['resolve']>) {
  const resolved = await (await another()).resolve(...call);
  await eventually(`${count} names are kept`, async () => (await kept()) === count);
  return resolved;
}

async function kept(): Promise<number> {
  const hashes = await redis.keys(DNS_CACHE_PATTERN);
  const sizes = await Promise.all(hashes.map((hash) => redis.hlen(hash)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const asked = (name: string) => server.queries.get(name) ?? 0;

it('one process asks, and the others know, chain and family included', async () => {
  server = await startDnsServer({ zone: ZONE });
  const first = (await resolveUntilKept(1, ['a.test'])).get('a.test');
  expect(first).toMatchObject({ addresses: ['1.1.1.1'], chain: ['b.test'], ttlS: 300 });
  expect((await (await another()).resolve(['A.test.'])).get('A.test.')).toEqual(first);
  expect(asked('a.test')).toBe(1);
  const six = await (await another()).resolve(['a.test'], { ipVersion: '6' });
  expect(six.get('a.test')).toMatchObject({ addresses: ['2001:db8::1'] });
  expect(asked('a.test')).toBe(2);
});

it('a TTL of 0, a failure and what is asked for afresh are not taken from it', async () => {
  server = await startDnsServer({ zone: ZONE });
  for (let time = 0; time < 2; time++) await resolveUntilKept(1, ['now.test', 'none.test', 'soon.test']);
  expect([asked('now.test'), asked('none.test'), asked('soon.test')]).toEqual([2, 2, 1]);
  await resolveUntilKept(1, ['soon.test'], { fresh: true });
  expect(asked('soon.test')).toBe(2);
  await (await another()).resolve(['b.test'], { throwaway: true });
  await (await another()).resolve(['b.test']);
  expect(asked('b.test')).toBe(2);
});

it('what is over is asked for again', async () => {
  server = await startDnsServer({ zone: ZONE });
  await resolveUntilKept(1, ['soon.test']);
  const [hash = ''] = await redis.keys(`${DNS_CACHE_PATTERN}:young`);
  const [field = ''] = await redis.hkeys(hash);
  const value = (await redis.hget(hash, field)) ?? '';
  await redis.hset(hash, field, value.replace(/^\d+/, String(Date.now() - 300_000)));
  await (await another()).resolve(['soon.test']);
  expect(asked('soon.test')).toBe(2);
  await redis.hset(hash, field, 'written by somebody else');
  expect((await (await another()).resolve(['soon.test'])).get('soon.test')).toMatchObject({ ttlS: 300 });
});

it('the cache holds no more than it may, and forgets the oldest first', async () => {
  server = await startDnsServer({ zone: ZONE });
  const names = Array.from({ length: 200 }, (_, i) => `n${i}.test`);
  const resolver = await another({ maxEntries: 40 });
  for (const name of names) await resolver.resolve([name]);
  await eventually('the last name is kept', async () => {
    const hashes = await redis.keys(DNS_CACHE_PATTERN);
    return (await Promise.all(hashes.map((hash) => redis.hexists(hash, '4 n199.test')))).includes(1);
  });
  expect(await kept()).toBeLessThanOrEqual(40);
  for (const hash of await redis.keys(DNS_CACHE_PATTERN)) expect(await redis.ttl(hash)).toBeGreaterThan(0);
  await resolver.resolve(['n199.test', 'n0.test']);
  expect([asked('n199.test'), asked('n0.test')]).toEqual([1, 2]);
});

it('what one set of servers says is not given for another', async () => {
  server = await startDnsServer({ zone: ZONE });
  await resolveUntilKept(1, ['soon.test']);
  await (await another({ servers: ['127.0.0.1:2'] })).resolve(['soon.test']);
  expect(asked('soon.test')).toBe(2);
});

it('the cache helps or does nothing: without Redis names are asked for', async () => {
  server = await startDnsServer({ zone: ZONE });
  const gone = new Redis({ ...services().redis, lazyConnect: true });
  const servers = [`${server.address}:${server.port}`];
  const cache = createDnsCache(gone, { servers });
  const resolver = createResolver({ servers, cache, hostsFile: '/nowhere/hosts' });
  resolvers.push(resolver);
  expect((await resolver.resolve(['soon.test'])).get('soon.test')).toMatchObject({ addresses: ['1.1.1.3'] });
  gone.disconnect();
});

it('the cache is bounded by bytes too, and does not keep what is very long', async () => {
  server = await startDnsServer({ zone: ZONE });
  const cache = createDnsCache(redis, { maxBytes: 2 ** 20 });
  await cache.write(
    new Map([
      ['long', 'x'.repeat(5_000)],
      ['short', 'y'],
    ]),
  );
  expect(await cache.read(['long', 'short'])).toEqual(new Map([['short', 'y']]));
  const bytes = async () => {
    const hashes = await redis.keys(DNS_CACHE_PATTERN);
    const sizes = await Promise.all(hashes.map((hash) => redis.memory('USAGE', hash)));
    return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
  };
  for (let i = 0; i < 100; i++)
    await cache.write(new Map(Array.from({ length: 20 }, (_, n) => [`${i}-${n}`, 'z'.repeat(4_000)])));
  expect(await bytes()).toBeLessThan(1.5 * 2 ** 20);
  expect((await cache.read(['99-1'])).size).toBe(1);
});

it('an answer is not believed for longer because the clock of the process that got it is ahead', async () => {
  server = await startDnsServer({ zone: ZONE });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  const clock = await SharedClock.open(redis);
  await (await another({ now: clock.now })).resolve(['soon.test']);
  vi.useRealTimers();
  await eventually('it is kept', async () => (await kept()) === 1);
  await (await another({ now: clock.now })).resolve(['soon.test']);
  expect(asked('soon.test')).toBe(1);
  await (await another({ now: () => clock.now() + 301_000 })).resolve(['soon.test']);
  expect(asked('soon.test')).toBe(2);
  clock.close();
});
