/** What a forged answer must hit beside the id: one port of many, and the case of each letter. */
import dnsPacket from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import {
  createResolver,
  type NameResolver,
  type ResolverOptions,
} from '../../../src/adapters/dns/resolver.ts';
import { type Behaviour, type DnsServer, startDnsServer } from '../../support/dnsServer.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const NAMES = Array.from({ length: 1_050 }, (_, i) => `some-long-name-${i}.example.test`);
const ZONE = NAMES.map((name) => `1.1.1.1 ${name}`);

async function scene(
  behaviour: Behaviour,
  options: ResolverOptions = {},
): Promise<{ server: DnsServer; resolver: NameResolver; seen: { name: string; port: number }[] }> {
  const seen: { name: string; port: number }[] = [];
  const onQuery = (name: string, port: number) => void seen.push({ name, port });
  const server = await startDnsServer({ zone: ZONE, behaviours: { '*': behaviour }, onQuery });
  const servers = [`${server.address}:${server.port}`];
  const resolver = createResolver({ servers, hostsFile: '/nowhere/hosts', ...options });
  closers.push(
    () => server.stop(),
    () => resolver.close(),
  );
  return { server, resolver, seen };
}

const remade = (answer: Buffer, change: (packet: dnsPacket.Packet) => dnsPacket.Packet) =>
  dnsPacket.encode(change(dnsPacket.decode(answer)));

/** With the question in lower case, as an answer that was made without the query, or by a server that does that. */
const lowered = (answer: Buffer) =>
  remade(answer, (packet) => ({
    ...packet,
    questions: (packet.questions ?? []).map((each) => ({ ...each, name: each.name.toLowerCase() })),
  }));

const isMixed = (answer: Buffer) => !lowered(answer).equals(answer);

async function expectAll(resolver: NameResolver, names: readonly string[]): Promise<void> {
  const found = await resolver.resolve(names);
  for (const name of names) expect(found.get(name)).toMatchObject({ addresses: ['1.1.1.1'] });
}

it('at most 100 queries come from one port, and no port comes back', async () => {
  const { resolver, seen } = await scene({});
  await expectAll(resolver, NAMES);
  const counts = new Map<number, number>();
  for (const { port } of seen) counts.set(port, (counts.get(port) ?? 0) + 1);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(100);
  expect(counts.size).toBeGreaterThanOrEqual(11);
});

it('names are asked for in random case', async () => {
  const { resolver, seen } = await scene({});
  await expectAll(resolver, NAMES.slice(0, 200));
  const letters = seen.map(({ name }) => name.replace(/[^a-z]/gi, '')).join('');
  const upper = letters.replace(/[a-z]/g, '').length;
  expect(upper / letters.length).toBeGreaterThan(0.4);
  expect(upper / letters.length).toBeLessThan(0.6);
  expect(new Set(seen.map(({ name }) => name)).size).toBe(200);
});

it('an answer that misses the case is not believed, and the name is asked for again', async () => {
  const evil = (answer: Buffer) =>
    remade(lowered(answer), (packet) => ({
      ...packet,
      answers: (packet.answers ?? []).map((each) => ({ ...each, data: '6.6.6.6' }) as dnsPacket.Answer),
    }));
  const { resolver } = await scene({ forge: (answer) => (isMixed(answer) ? [evil(answer)] : []) });
  await expectAll(resolver, NAMES.slice(0, 20));
});

it('a server that changes the case loses no name, and is asked in lower case soon', async () => {
  const { resolver, seen } = await scene({ change: lowered }, { concurrency: 1 });
  await expectAll(resolver, NAMES.slice(0, 50));
  expect(seen.length).toBe(50 + 3);
  expect(seen.filter(({ name }) => name !== name.toLowerCase()).length).toBe(3);
});

it('a server that changes it now and then loses no name, and is asked in random case all the time', async () => {
  let nth = 0;
  const { resolver, seen } = await scene(
    { change: (answer) => (nth++ % 4 === 0 ? lowered(answer) : answer) },
    { concurrency: 1 },
  );
  await expectAll(resolver, NAMES.slice(0, 40));
  expect(seen.slice(-8).some(({ name }) => name !== name.toLowerCase())).toBe(true);
});

it.each<[what: string, behaviour: Behaviour]>([
  ['is silent', { dropMixed: true }],
  [
    'fails',
    {
      change: (answer) => {
        if (isMixed(answer)) answer.writeUInt8(0x82, 3);
        return answer;
      },
    },
  ],
])('a server that %s when the case is mixed is asked in lower case next', async (_, behaviour) => {
  const { resolver } = await scene(behaviour, { timeoutMs: 4_000 });
  await expectAll(resolver, NAMES.slice(0, 20));
});
