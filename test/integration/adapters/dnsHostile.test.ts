/** Name servers that mean harm: over TCP, where an answer may be long. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import dnsPacket from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { startDnsServer } from '../../support/dnsServer.ts';
import { eventually } from '../../support/services.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Says over UDP that everything is too long, and does over TCP what `serve` does with a query. */
async function scene(
  serve: (connection: Socket, query: dnsPacket.Packet) => void,
  timeoutMs = 120_000,
): Promise<{ resolver: NameResolver; open: Set<Socket> }> {
  const open = new Set<Socket>();
  const tcp = createServer((connection) => {
    open.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => open.delete(connection));
    connection.on('data', (query) => serve(connection, dnsPacket.decode(query.subarray(2))));
  }).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8380, 2);
    udp.send(reply, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const resolver = createResolver({
    ...{ servers: [`127.0.0.1:${port}`], hostsFile: '/nowhere/hosts', timeoutMs },
  });
  closers.push(
    () => udp.close(),
    () => new Promise((done) => tcp.close(done)),
    () => {
      for (const connection of open) connection.destroy();
    },
    () => resolver.close(),
  );
  return { resolver, open };
}

function answerTo({ id = 0, questions = [] }: dnsPacket.Packet, addresses: number): Buffer {
  const name = questions[0]?.name ?? '';
  const answers = Array.from({ length: addresses }, (_, i) => ({
    ...{ type: 'A' as const, name, ttl: 60, data: `9.9.${i >> 8}.${i & 255}` },
  }));
  const message = dnsPacket.encode({ type: 'response', id, questions, answers });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

it('an answer of 500 addresses counts whole, also in pieces of one byte', async () => {
  const { resolver } = await scene((connection, query) => {
    connection.setNoDelay(true);
    for (const byte of answerTo(query, 500)) connection.write(Buffer.of(byte));
  });
  const found = (await resolver.resolve(['a.test'])).get('a.test');
  expect(found).toHaveProperty('addresses.length', 500);
});

it('one that never ends is given up at the deadline, and its connection closed', async () => {
  const { resolver, open } = await scene((connection) => {
    connection.write(Buffer.of(255, 255));
    const drip = setInterval(() => connection.write(Buffer.of(0)), 5);
    connection.on('close', () => clearInterval(drip));
  }, 1_600);
  const names = Array.from({ length: 20 }, (_, i) => `n${i}.test`);
  await expect(resolver.resolve(names)).rejects.toThrow(/no DNS server answers/);
  await eventually('the connections are closed', () => open.size === 0);
});

it('of one that goes on behind its message the message counts, and nothing more is read', async () => {
  const { resolver, open } = await scene((connection, query) => {
    connection.write(answerTo(query, 3));
    const flood = setInterval(() => connection.write(Buffer.alloc(65_536)), 1);
    connection.on('close', () => clearInterval(flood));
  });
  expect((await resolver.resolve(['a.test'])).get('a.test')).toHaveProperty('addresses.length', 3);
  await eventually('the connection is closed', () => open.size === 0);
});

it('records that the chain of the question does not lead to are ignored, CNAMEs too', async () => {
  const remade = (answer: Buffer) => {
    const packet = dnsPacket.decode(answer);
    const extra: dnsPacket.Answer[] = [
      { type: 'CNAME', name: 'x.test', ttl: 60, data: 'evil.test' },
      { type: 'A', name: 'evil.test', ttl: 60, data: '6.6.6.6' },
      { type: 'CNAME', name: 'b.test', ttl: 60, data: 'c.test' },
      { type: 'A', name: 'x.test', ttl: 1, data: '6.6.6.7' },
    ];
    return dnsPacket.encode({ ...packet, answers: [...extra, ...(packet.answers ?? [])] });
  };
  const zone = ['cname:b.test a.test', 'cname:c.test b.test', '1.1.1.1 c.test'];
  const server = await startDnsServer({ zone, behaviours: { '*': { change: remade } } });
  const resolver = createResolver({
    ...{ servers: [`${server.address}:${server.port}`], hostsFile: '/nowhere/hosts' },
  });
  closers.push(
    () => server.stop(),
    () => resolver.close(),
  );
  expect((await resolver.resolve(['a.test'])).get('a.test')).toMatchObject({
    ...{ addresses: ['1.1.1.1'], chain: ['b.test', 'c.test'], ttlS: 60 },
  });
});
