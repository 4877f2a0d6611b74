/** Answers of DNS servers that are forged, cut, broken, long-winded or slow. */
import dnsPacket from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createResolver,
  type NameResolver,
  type ResolverOptions,
} from '../../../src/adapters/dns/resolver.ts';
import { type DnsServer, type DnsServerOptions, startDnsServer } from '../../support/dnsServer.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function scene(
  zone: string[],
  behaviours: NonNullable<DnsServerOptions['behaviours']> = {},
  options: ResolverOptions = {},
): Promise<{ server: DnsServer; resolver: NameResolver }> {
  const server = await startDnsServer({ zone, behaviours });
  const servers = [`${server.address}:${server.port}`];
  const resolver = createResolver({ servers, hostsFile: '/nowhere/hosts', ...options });
  closers.push(
    () => server.stop(),
    () => resolver.close(),
  );
  return { server, resolver };
}

/** The same answer with other bytes; `change` gets what it says. */
const remade = (answer: Buffer, change: (packet: dnsPacket.Packet) => dnsPacket.Packet) =>
  dnsPacket.encode(change(dnsPacket.decode(answer)));
const toEvil = (packet: dnsPacket.Packet): dnsPacket.Packet => ({
  ...packet,
  answers: (packet.answers ?? []).map((each) => ({ ...each, data: '6.6.6.6' }) as dnsPacket.Answer),
});

describe('an answer that is forged', () => {
  const zone = ['1.1.1.1 a.test'];
  const evil = (answer: Buffer) => remade(answer, toEvil);
  it.each<[what: string, forge: (answer: Buffer) => Buffer]>([
    [
      'with another id',
      (answer) => remade(evil(answer), (packet) => ({ ...packet, id: 1 + (packet.id ?? 0) })),
    ],
    [
      'to another question',
      (answer) =>
        remade(evil(answer), (packet) => ({ ...packet, questions: [{ type: 'A', name: 'b.test' }] })),
    ],
    [
      'to another type',
      (answer) =>
        remade(evil(answer), (packet) => ({ ...packet, questions: [{ type: 'AAAA', name: 'a.test' }] })),
    ],
    ['that is a question', (answer) => remade(evil(answer), (packet) => ({ ...packet, type: 'query' }))],
    ['of a few bytes', (answer) => answer.subarray(0, 7)],
    ['of noise', () => Buffer.alloc(600, 0xc0)],
  ])('%s is passed over, and the true one counts', async (_, forge) => {
    const { resolver, server } = await scene(zone, { 'a.test': { forge: (answer) => [forge(answer)] } });
    const found = await resolver.resolve(['a.test']);
    expect(found.get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
    expect(server.queries.get('a.test')).toBe(1);
  });

  it('with records of names that nobody asked for gives none of them', async () => {
    const add = (answer: Buffer) =>
      remade(answer, (packet) => ({
        ...packet,
        answers: [{ type: 'A', name: 'b.test', ttl: 60, data: '6.6.6.6' }, ...(packet.answers ?? [])],
      }));
    const { resolver } = await scene(zone, { 'a.test': { forge: (answer) => [add(answer)] } });
    expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  });
});

describe('an answer that is broken behind its question', () => {
  it.each<[what: string, broken: (answer: Buffer) => Buffer]>([
    ['cut off', (answer) => answer.subarray(0, answer.length - 2)],
    [
      'with a pointer to itself',
      (answer) => {
        const copy = Buffer.from(answer);
        copy.writeUInt16BE(0xc000 + 24, 24);
        return copy;
      },
    ],
    [
      'with a name of blanks',
      (answer) =>
        remade(answer, (packet) => ({
          ...packet,
          answers: [{ type: 'CNAME', name: 'a.test', ttl: 60, data: 'x y,z.test' }],
        })),
    ],
  ])('%s is no address, and asked for again', async (_, broken) => {
    const { resolver, server } = await scene(['1.1.1.1 a.test'], {
      'a.test': { forge: (answer) => [broken(answer)] },
    });
    expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({ failure: 'other' });
    expect(server.queries.get('a.test')).toBe(4);
  });

  it('only in what follows the answers is as good as any', async () => {
    const odd = (answer: Buffer) => {
      const copy = Buffer.concat([answer, Buffer.alloc(5, 0xff)]);
      copy.writeUInt16BE(3, 10);
      return copy;
    };
    const { resolver } = await scene(['1.1.1.1 a.test'], { 'a.test': { forge: (answer) => [odd(answer)] } });
    expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({ addresses: ['1.1.1.1'] });
  });
});

describe('a CNAME', () => {
  it('is followed in any case, with the smallest TTL of the way', async () => {
    const { resolver } = await scene(['cname:B.Test a.test 300', '1.1.1.1 b.test 20']);
    expect((await resolver.resolve(['A.test'])).get('A.test')).toMatchObject({
      ...{ addresses: ['1.1.1.1'], chain: ['b.test'], ttlS: 20 },
    });
  });

  it('is asked for when the server gives its first step only', async () => {
    const zone = ['cname:b.test a.test', 'cname:c.test b.test', '1.1.1.1 c.test'];
    const { resolver, server } = await scene(zone, { '*': { partial: true } });
    expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({
      ...{ addresses: ['1.1.1.1'], chain: ['b.test', 'c.test'] },
    });
    expect(server.queries.get('c.test')).toBe(1);
  });

  it('that comes back to its own chain is a loop, told by name and asked for once', async () => {
    const { resolver, server } = await scene(['cname:b.test a.test', 'cname:a.test b.test']);
    expect((await resolver.resolve(['a.test'])).get('a.test')).toEqual({
      ...{ failure: 'cname_loop', chain: ['b.test', 'a.test'] },
    });
    expect(server.queries.get('a.test')).toBe(1);
  });

  it('of 16 steps is followed, of 17 given up', async () => {
    const steps = (count: number) => [
      ...Array.from({ length: count }, (_, i) => `cname:n${i + 1}.test n${i}.test`),
      `1.1.1.1 n${count}.test`,
    ];
    const sixteen = await scene(steps(16));
    expect((await sixteen.resolver.resolve(['n0.test'])).get('n0.test')).toHaveProperty('chain.length', 16);
    const seventeen = await scene(steps(17));
    expect((await seventeen.resolver.resolve(['n0.test'])).get('n0.test')).toMatchObject({
      failure: 'cname_too_long',
    });
  });
});

it('an answer that says it is cut comes over TCP, CNAMEs and all', async () => {
  const zone = ['cname:b.test a.test', '1.1.1.1 b.test'];
  const { resolver } = await scene(zone, { 'a.test': { truncate: true } });
  expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({
    ...{ addresses: ['1.1.1.1'], chain: ['b.test'] },
  });
});

it('a mapped address means its IPv4 address, and a TTL over 68 years none', async () => {
  const { resolver } = await scene(['::ffff:8.8.8.8 a.test 4294967295', '2001:DB8::1 a.test 4294967295']);
  expect((await resolver.resolve(['a.test'], { ipVersion: '6' })).get('a.test')).toMatchObject({
    ...{ addresses: ['8.8.8.8', '2001:db8::1'], ttlS: 0 },
  });
});

it('with both families the one that answers is enough', async () => {
  const { resolver } = await scene([
    '1.1.1.1 four.test',
    '::1:1 six.test',
    '1.1.1.2 both.test',
    '::1:2 both.test',
  ]);
  const found = await resolver.resolve(['four.test', 'six.test', 'both.test', 'none.test'], {
    ipVersion: 'any',
  });
  const addresses = [...found.values()].map((each) => ('failure' in each ? each.failure : each.addresses));
  expect(addresses).toEqual([['1.1.1.1'], ['::1:1'], ['1.1.1.2', '::1:2'], 'nxdomain']);
});
