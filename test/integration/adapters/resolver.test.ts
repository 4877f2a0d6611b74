import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  createResolver,
  type NameResolver,
  type ResolverOptions,
} from '../../../src/adapters/dns/resolver.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { type DnsServer, type DnsServerOptions, startDnsServer } from '../../support/dnsServer.ts';
import { eventually } from '../../support/services.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: DnsServerOptions): Promise<DnsServer> {
  const server = await startDnsServer(options);
  closers.push(() => server.stop());
  return server;
}

/** A hosts file that does not exist keeps the machine's own out of the tests. */
function resolverFor(server: { address: string; port: number }, options: ResolverOptions = {}): NameResolver {
  const servers = [`${server.address}:${server.port}`];
  const resolver = createResolver({ servers, hostsFile: '/nowhere/hosts', ...options });
  closers.push(() => resolver.close());
  return resolver;
}

async function hostsFile(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hosts-'));
  closers.push(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'hosts'), text);
  return join(directory, 'hosts');
}

/** A port where nothing listens. */
async function deadServer(): Promise<{ address: string; port: number }> {
  const server = await startDnsServer({ zone: [] });
  await server.stop();
  return server;
}

test('addresses come once each and in numerical order', async () => {
  const server = await serve({
    zone: ['100.0.0.1 a.test', '9.9.9.9 a.test', '9.9.9.9 a.test', '1.1.1.1 B.test'],
  });
  const found = await resolverFor(server).resolve(['a.test', 'b.test', 'a.test']);
  expect([...found.keys()]).toEqual(['a.test', 'b.test']);
  expect(found.get('a.test')).toMatchObject({ addresses: ['9.9.9.9', '100.0.0.1'], chain: [], ttlS: 60 });
  expect(found.get('b.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  expect(server.queries.get('a.test')).toBe(1);
});

test('NXDOMAIN and NODATA are final after one query', async () => {
  const server = await serve({ zone: ['::1 v6.test'] });
  const found = await resolverFor(server).resolve(['none.test', 'v6.test']);
  expect(found.get('none.test')).toMatchObject({ failure: 'nxdomain' });
  expect(found.get('v6.test')).toMatchObject({ failure: 'nodata' });
  expect([...server.queries.values()]).toEqual([1, 1]);
});

test('names that DNS cannot be asked for fail, and only they', async () => {
  const server = await serve({ zone: ['1.1.1.1 a.test'] });
  const bad = [`${'x'.repeat(64)}.test`, 'a..test', 'hidden.onion'];
  const found = await resolverFor(server).resolve([...bad, 'a.test']);
  for (const name of bad) expect(found.get(name)).toMatchObject({ failure: 'badname' });
  expect(found.get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
});

test('an answer that is too long for UDP comes over TCP', async () => {
  const zone = Array.from({ length: 100 }, (_, i) => `9.9.9.${i} big.test`);
  const found = await resolverFor(await serve({ zone })).resolve(['big.test']);
  expect(found.get('big.test')).toHaveProperty('addresses.length', 100);
});

test('SERVFAIL and refusals are asked again, three times at most', async () => {
  const server = await serve({
    zone: ['1.1.1.1 twice.test', '1.1.1.2 refused.test', '1.1.1.3 always.test'],
    behaviours: {
      'twice.test': { servfail: 2 },
      'refused.test': { refuse: 3 },
      'always.test': { servfail: 'always' },
    },
  });
  const found = await resolverFor(server).resolve(['twice.test', 'refused.test', 'always.test']);
  expect(found.get('twice.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  expect(found.get('refused.test')).toMatchObject({ addresses: ['1.1.1.2'] });
  expect(found.get('always.test')).toMatchObject({ failure: 'servfail' });
  expect(server.queries.get('always.test')).toBe(4);
});

test('a lost answer is asked for again; a name that never gets one is a time-out, not a dead resolver', async () => {
  const server = await serve({
    zone: ['1.1.1.1 lost.test', '1.1.1.2 dead.test'],
    behaviours: { 'lost.test': { drop: 2 }, 'dead.test': { drop: 'always' } },
  });
  const found = await resolverFor(server, { timeoutMs: 600 }).resolve(['lost.test', 'dead.test']);
  expect(found.get('lost.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  expect(found.get('dead.test')).toMatchObject({ failure: 'timeout' });
});

test('1,000 names of 300 ms each: waiting in line is not charged to any of them', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `n${i}.test`);
  const server = await serve({
    zone: names.map((name, i) => `9.${i >> 8}.${i & 255}.1 ${name}`),
    behaviours: { '*': { latencyMs: 300 } },
  });
  const found = await resolverFor(server, { timeoutMs: 4_000 }).resolve(names);
  expect(found.size).toBe(1000);
  expect([...found.values()].filter((resolution) => 'failure' in resolution)).toEqual([]);
});

test('a slow name among fast ones gets its whole deadline', async () => {
  const fast = Array.from({ length: 300 }, (_, i) => `n${i}.test`);
  const server = await serve({
    zone: [...fast, 'slow.test'].map((name) => `9.9.9.9 ${name}`),
    behaviours: { 'slow.test': { latencyMs: 700 } },
  });
  const resolver = resolverFor(server, { timeoutMs: 8_000 });
  await resolver.resolve(fast);
  const found = await resolver.resolve(['slow.test'], { tries: 1 });
  expect(found.get('slow.test')).toMatchObject({ addresses: ['9.9.9.9'] });
});

test('with the first of two servers dead, the second one answers', async () => {
  const dead = await deadServer();
  const silent = await serve({ zone: [], behaviours: { '*': { drop: 'always' } } });
  const good = await serve({ zone: ['1.1.1.1 a.test'] });
  for (const first of [dead, silent]) {
    const servers = [first, good].map(({ address, port }) => `${address}:${port}`);
    const found = await resolverFor(good, { servers, timeoutMs: 2_400 }).resolve(['a.test']);
    expect(found.get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  }
});

test('no server at all is no answer about any name', async () => {
  const dead = await deadServer();
  const resolver = resolverFor(dead, { timeoutMs: 1_200 });
  for (const attempt of [() => resolver.resolve(['a.test', 'b.test']), () => resolver.check()]) {
    const error = await attempt().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect(error).toMatchObject({
      service: 'dns',
      message: expect.stringContaining(`127.0.0.1:${dead.port}`),
    });
  }
});

test('a server that swallows everything is no answer about any name', async () => {
  const server = await serve({ zone: ['1.1.1.1 a.test'], behaviours: { '*': { drop: 'always' } } });
  const resolver = resolverFor(server, { timeoutMs: 600 });
  await expect(resolver.resolve(['a.test', 'x..test'])).rejects.toThrow(ServiceUnavailableError);
});

test('a server that dies half-way is no answer about the rest', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `n${i}.test`);
  const server = await startDnsServer({
    zone: names.map((name) => `9.9.9.9 ${name}`),
    behaviours: { '*': { latencyMs: 20 } },
  });
  const outcome = resolverFor(server, { timeoutMs: 800, concurrency: 5 }).resolve(names);
  const failed = expect(outcome).rejects.toThrow(ServiceUnavailableError);
  await eventually('some answers', () => server.queries.size > 20);
  await server.stop();
  await failed;
});

test('a server that answers anything at all passes the check', async () => {
  const server = await serve({ zone: [], behaviours: { '.': { refuse: 'always' } } });
  await expect(resolverFor(server).check()).resolves.toBeUndefined();
});

test('the hosts file helps where DNS fails, and only there', async () => {
  const server = await serve({ zone: ['1.1.1.1 both.test'] });
  const path = await hostsFile(
    '# comment\n10.0.0.9 Printer both.test\n10.0.0.2\tprinter # again\n::1 six.test\nnonsense x\n',
  );
  const resolver = resolverFor(server, { hostsFile: path });
  const found = await resolver.resolve(['both.test', 'PRINTER', 'six.test']);
  expect(found.get('both.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  expect(found.get('PRINTER')).toMatchObject({ addresses: ['10.0.0.2', '10.0.0.9'] });
  expect(found.get('six.test')).toMatchObject({ failure: 'nxdomain' });
  await writeFile(path, '10.0.0.7 printer\n::1 six.test\n');
  expect((await resolver.resolve(['printer'])).get('printer')).toMatchObject({
    addresses: ['10.0.0.7'],
    ttlS: 0,
  });
  expect((await resolver.resolve(['six.test'], { ipVersion: '6' })).get('six.test')).toMatchObject({
    addresses: ['::1'],
  });
});

test('without a server, names that are all in the hosts file still resolve', async () => {
  const path = await hostsFile('10.0.0.1 a.test\n');
  const resolver = resolverFor(await deadServer(), { hostsFile: path });
  expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({ addresses: ['10.0.0.1'] });
  await expect(resolver.resolve(['a.test', 'b.test'])).rejects.toThrow(ServiceUnavailableError);
});

test('an aborted call ends at once and leaves its slots to others', async () => {
  const server = await serve({
    zone: ['1.1.1.1 a.test'],
    behaviours: { 'dead.test': { drop: 'always' }, 'waits.test': { drop: 'always' } },
  });
  // The deadline of a name is later than that of this test: only the abort can end it.
  const resolver = resolverFor(server, { concurrency: 1, timeoutMs: 2_400_000 });
  const abort = new AbortController();
  const first = expect(resolver.resolve(['dead.test'], {}, abort.signal)).rejects.toThrow('enough');
  await eventually('the query', () => server.queries.has('dead.test'));
  const waits = (signal: AbortSignal) =>
    expect(resolver.resolve(['waits.test'], {}, signal)).rejects.toThrow('not that either');
  const abortInLine = new AbortController();
  const inLine = waits(abortInLine.signal);
  const second = resolver.resolve(['a.test']);
  await resolver.check();
  abortInLine.abort(new Error('not that either'));
  await inLine;
  const abortEarly = new AbortController();
  const early = waits(abortEarly.signal);
  abortEarly.abort(new Error('not that either'));
  await early;
  abort.abort(new Error('enough'));
  await first;
  expect((await second).get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  await expect(resolver.resolve(['a.test'], {}, abort.signal)).rejects.toThrow('enough');
});

test('closing ends the calls that wait', async () => {
  const server = await serve({ zone: [], behaviours: { '*': { drop: 'always' } } });
  const resolver = resolverFor(server, { timeoutMs: 120_000 });
  const call = expect(resolver.resolve(['a.test'])).rejects.toThrow('closed');
  await eventually('the query', () => server.queries.has('a.test'));
  resolver.close();
  await call;
});

test('silent names hold no place: others are asked while they are waited for', async () => {
  const silent = Array.from({ length: 300 }, (_, i) => `n${i}.silent.test`);
  const behaviours = Object.fromEntries(silent.map((name) => [name, { drop: 'always' as const }]));
  const server = await serve({ zone: ['9.9.9.9 a.test'], behaviours });
  const resolver = resolverFor(server, { concurrency: 10, timeoutMs: 180_000 });
  const ending = new AbortController();
  const all = resolver.resolve(silent, {}, ending.signal).catch((error: unknown) => error);
  await eventually('all of them are asked', () => server.queries.size === silent.length);
  expect([...server.queries.values()].every((count) => count === 1)).toBe(true);
  expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({ addresses: ['9.9.9.9'] });
  ending.abort('over');
  expect(await all).toBe('over');
}, 60_000);

test('both families are asked at once', async () => {
  const server = await serve({ zone: [], behaviours: { 'a.test': { drop: 'always' } } });
  const ending = new AbortController();
  const resolver = resolverFor(server, { timeoutMs: 180_000 });
  const all = resolver
    .resolve(['a.test'], { ipVersion: 'any' }, ending.signal)
    .catch((error: unknown) => error);
  await eventually('two queries are out', () => server.queries.get('a.test') === 2);
  ending.abort('over');
  expect(await all).toBe('over');
}, 60_000);
