/**
 * Where calls of webhooks lead. No packet leaves this machine, not even when the code is wrong: what is called here leads
 * to loopback addresses only. All other names are only looked up, by what the connection takes its address from.
 */
import type { LookupAddress } from 'node:dns';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebhookHttp, type WebhookHttp } from '../../../src/adapters/webhooks/http.ts';
import { isPrivateHost, publicLookup } from '../../../src/adapters/webhooks/publicAddress.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { webhookReceiver } from '../../support/webhookReceiver.ts';

const LOOPBACK: Readonly<Record<string, string>> = {
  'loopback.test': '127.0.0.1',
  'far-loopback.test': '127.200.3.4',
  'this-host.test': '0.0.0.0',
  'v6-loopback.test': '::1',
  'v6-unspecified.test': '::',
  'mapped.test': '::ffff:127.0.0.1',
};
const ELSEWHERE_INSIDE: Readonly<Record<string, string>> = {
  'rfc1918.test': '10.1.2.3',
  'shared.test': '100.64.0.1',
  'link-local.test': '169.254.169.254',
  'broadcast.test': '255.255.255.255',
  'multicast.test': '224.0.0.1',
  'v6-link-local.test': 'fe80::1',
  'v6-site-local.test': 'fec0::1',
  'v6-unique-local.test': 'fd00::1',
  'v6-multicast.test': 'ff02::1',
  'mapped-private.test': '::ffff:10.1.2.3',
  'compatible.test': '::127.0.0.1',
  'nat64.test': '64:ff9b::7f00:1',
  'nat64-private.test': '64:ff9b::a01:203',
  'nat64-local.test': '64:ff9b:1::7f00:1',
  '6to4.test': '2002:7f00:1::1',
  'teredo.test': '2001:0:7f00:1::1',
};
const [PUBLIC, PUBLIC_V6] = ['9.9.9.9', '2620:fe::9'];

/** Of the calls: it knows no address but those of this machine. */
let loopback: DnsServer;
/** Of look-ups without a call. */
let world: DnsServer;
let inside: Awaited<ReturnType<typeof webhookReceiver>>;
let closed: WebhookHttp;
const at = ({ address, port }: DnsServer) => [`${address}:${port}`];
const zoneOf = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, address]) => `${address} ${name}`);

beforeAll(async () => {
  inside = await webhookReceiver();
  loopback = await startDnsServer({
    address: '127.0.0.78',
    zone: [...zoneOf(LOOPBACK), 'cname:loopback.test alias.test', 'cname:alias.test alias-of-alias.test'],
    behaviours: { 'silent.test': { drop: 'always' } },
  });
  world = await startDnsServer({
    address: '127.0.0.79',
    zone: [
      ...zoneOf(ELSEWHERE_INSIDE),
      'cname:rfc1918.test alias.test',
      ...[`${PUBLIC} mixed.test`, '127.0.0.1 mixed.test', `${PUBLIC_V6} mixed.test`, '::1 mixed.test'],
      // By the number of the query, AAAA counted too: public for 1 and 2, private for 3 and 4.
      ...['127.0.0.1', PUBLIC, PUBLIC, '127.0.0.1'].map((address) => `${address} rebinding.test`),
    ],
    behaviours: { 'rebinding.test A': { pick: 1 } },
  });
  closed = createWebhookHttp(false, { dnsServers: at(loopback) });
});
afterAll(async () => {
  await closed?.close();
  await inside?.close();
  await Promise.all([loopback?.stop(), world?.stop()]);
});

const post = (host: string) => closed.post(`http://${host}:${inside.port}/`, {}, '{}');
const WHY = 'it leads to a private or special address: WEBHOOK_ALLOW_PRIVATE=true allows that';

/** What `net.connect` would get to connect to, or why it gets nothing. */
function lookUp(host: string, all = true): Promise<string | LookupAddress[]> {
  return new Promise((resolve) =>
    publicLookup(at(world))(host, { all }, (error, found) => resolve(error ? error.message : found)),
  );
}

it('an address that is not public is never connected to, in whatever notation', async () => {
  const hosts = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0.0.0.0', '[::1]'];
  hosts.push('[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::]', '１２７.0.0.1', 'LOCALHOST', 'localhost.');
  for (const host of hosts) expect([host, await post(host)]).toEqual([host, WHY]);
  expect(inside.calls).toEqual([]);
  for (const host of [...Object.values(ELSEWHERE_INSIDE), '64:ff9b::127.0.0.1', 'a.localhost'])
    expect([host, isPrivateHost(host.includes(':') ? `[${host}]` : host)]).toEqual([host, true]);
  for (const host of [PUBLIC, `[${PUBLIC_V6}]`, '[64:ff9b::909:909]', 'localhost.example', 'notlocalhost'])
    expect([host, isPrivateHost(host)]).toEqual([host, false]);
});

it('nor is a name that leads to one, by whatever kind of record', async () => {
  for (const host of [...Object.keys(LOOPBACK), 'alias.test', 'alias-of-alias.test'])
    expect([host, await post(host)]).toEqual([host, WHY]);
  expect(inside.calls).toEqual([]);
  for (const host of [...Object.keys(ELSEWHERE_INSIDE), 'alias.test'])
    expect([host, await lookUp(host)]).toEqual([host, WHY]);
});

it('of several addresses only the public ones are handed to the connection', async () => {
  expect(await lookUp('mixed.test')).toEqual([
    { address: PUBLIC, family: 4 },
    { address: PUBLIC_V6, family: 6 },
  ]);
  expect(await lookUp('mixed.test', false)).toBe(PUBLIC);
});

it('a name that turns private after it was looked at leads nowhere: nothing of an earlier look counts', async () => {
  expect(await lookUp('rebinding.test')).toEqual([{ address: PUBLIC, family: 4 }]);
  expect(await lookUp('rebinding.test')).toBe(WHY);
});

it('each call looks once, and goes where that look says', async () => {
  const asked = () => loopback.queries.get('loopback.test') ?? 0;
  const before = asked();
  expect(await post('loopback.test')).toBe(WHY);
  // For an IPv4 and an IPv6 address.
  expect(asked()).toBe(before + 2);
  const socket = connect({
    ...{ host: 'elsewhere.test', port: inside.port },
    lookup: (_host, options, done) =>
      publicLookup(at(loopback))('loopback.test', options, (error) => {
        expect(error?.message).toBe(WHY);
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      }),
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  expect(socket.remoteAddress).toBe('127.0.0.1');
  socket.destroy();
  expect([asked(), loopback.queries.has('elsewhere.test')]).toEqual([before + 4, false]);
});

it('a name that nobody has, or of which nobody says anything, is told apart', async () => {
  expect(await post('nowhere.test')).toContain('ENOTFOUND');
  expect(await post('silent.test')).toContain('ETIMEOUT');
});

it('silent name servers hold up no other look-up', async () => {
  const ended: string[] = [];
  const silent = Array.from({ length: 20 }, () => post('silent.test').then(() => ended.push('silent')));
  expect(await post('loopback.test')).toBe(WHY);
  expect(ended).toEqual([]);
  await Promise.all(silent);
});
