/** Domains that answer for every name are found out, flagged, and not mistaken. */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { createDnsCache } from '../../../src/adapters/names/dnsCache.ts';
import { WildcardWatch } from '../../../src/adapters/names/wildcards.ts';
import { type DnsServer, type DnsServerOptions, startDnsServer } from '../../support/dnsServer.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';

const ZONE = [
  ...['11.0.0.1 *.wild.test', '11.0.0.1 www.wild.test', '11.0.0.9 real.wild.test'],
  ...['11.0.0.1 *.many.test', '11.0.0.2 *.many.test', '11.0.0.3 *.many.test', '11.0.0.4 *.many.test'],
  ...['11.0.1.1 plain.good.test', '11.0.0.1 wild.test', '11.0.0.1 x.dead.test'],
];
let redis: Redis;
let server: DnsServer;
let resolver: NameResolver;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  await redis.ping(); // a cache does not wait for its connection
});
afterAll(() => redis?.disconnect());
afterEach(async () => {
  resolver?.close();
  await server?.stop();
});

async function flagged(names: string[], behaviours: NonNullable<DnsServerOptions['behaviours']> = {}) {
  server = await startDnsServer({ zone: ZONE, behaviours });
  const servers = [`${server.address}:${server.port}`];
  resolver = createResolver({ servers, hostsFile: '/nowhere/hosts', timeoutMs: 800 });
  const cache = createDnsCache(redis, { servers });
  const ask = async () =>
    Object.fromEntries(await new WildcardWatch({ resolver, cache }).flagged(await resolver.resolve(names)));
  return { first: await ask(), ask };
}

const probes = () => [...server.queries.keys()].filter((name) => /^[0-9a-f]{24}\./.test(name));

it('a name is flagged that has what its domain gives to any name, by three probes a domain, once for all', async () => {
  const names = [
    'www.wild.test',
    'other.wild.test',
    'real.wild.test',
    'plain.good.test',
    'wild.test',
    'none.test',
  ];
  const { first, ask } = await flagged(names);
  expect(first).toEqual({ 'www.wild.test': 'wild.test', 'other.wild.test': 'wild.test' });
  expect(probes()).toHaveLength(6);
  expect(await ask()).toEqual(first);
  expect(probes()).toHaveLength(6);
});

it('a domain that picks from several addresses is a wildcard, too: sets are compared', async () => {
  const pick = { '*': { pick: 2 } };
  const { first } = await flagged(['a.many.test'], pick);
  expect(first).toEqual({ 'a.many.test': 'many.test' });
});

it('nothing is flagged when the probes get no answer', async () => {
  const silent = { 'x.dead.test': {}, '*': { drop: 'always' as const } };
  expect((await flagged(['x.dead.test'], silent)).first).toEqual({});
});

it('a domain is asked about while other names are still waited for, and once, also when it says nothing', async () => {
  const { first } = await flagged(['www.wild.test'], { '*': { drop: 'always' }, 'www.wild.test': {} });
  expect(first).toEqual({});
  const resolutions = await resolver.resolve(['www.wild.test']);
  const asked = probes().length;
  const watch = new WildcardWatch({ resolver });
  for (const [name, resolution] of resolutions) watch.see(name, resolution);
  await eventually('it is asked about', () => probes().length === asked + 3);
  expect(await watch.flagged(resolutions)).toEqual(new Map());
  expect(probes()).toHaveLength(asked + 3);
});
