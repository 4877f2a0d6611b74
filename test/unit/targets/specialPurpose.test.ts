import { describe, expect, it } from 'vitest';
import { parseAddress, parseIpv6 } from '../../../src/targets/address/address.ts';
import { parseRuleEntry } from '../../../src/targets/scope/rules.ts';
import {
  countByRow,
  rowOf,
  SPECIAL_PURPOSE_ROWS,
  specialPurposeSet,
} from '../../../src/targets/scope/specialPurpose.ts';
import { count, fromRanges, has, intersect } from '../../../src/targets/sets/addressSet.ts';

const CLOSED = { allowPrivate: false };
const PRIVATE_OPEN = { allowPrivate: true };
const numberOf = (text: string) => parseAddress(text) ?? Number.NaN;

/** The network of the row that refuses, by the set and by the row, which must agree. */
function refusedBy(text: string, openness = CLOSED): string | undefined {
  const row = rowOf(numberOf(text), openness);
  expect(has(specialPurposeSet(openness), numberOf(text))).toBe(row !== undefined);
  return row?.network;
}

const isRefused = (text: string) => refusedBy(text) !== undefined;

describe('what is not globally reachable', () => {
  it('sees the IPv4 address inside a NAT64 address', () => {
    expect(isRefused('64:ff9b::a00:1')).toBe(true);
    expect(isRefused('64:ff9b::7f00:1')).toBe(true);
    expect(isRefused('64:ff9b::ffff:ffff')).toBe(true);
    expect(isRefused('64:ff9b::808:808')).toBe(false);
  });

  it.each([
    ...[
      '0.0.0.0',
      '0.255.255.255',
      '10.0.0.0',
      '10.255.255.255',
      '100.64.0.0',
      '100.127.255.255',
      '127.0.0.1',
    ],
    ...['169.254.0.1', '172.16.0.0', '172.31.255.255', '192.0.0.0', '192.0.0.8', '192.0.0.11', '192.0.0.170'],
    ...['192.0.0.255', '192.0.2.1', '192.88.99.1', '192.88.99.2', '192.168.0.0', '192.168.255.255'],
    ...['198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.7', '224.0.0.0', '239.255.255.255'],
    ...['240.0.0.0', '255.255.255.254', '255.255.255.255', '::', '::1', '::2', '64:ff9b:1::1', '100::1'],
    ...[
      '100:0:0:1::1',
      '2001::1',
      '2001:1::',
      '2001:1::4',
      '2001:2::1',
      '2001:10::1',
      '2001:db8::1',
      '2002::1',
    ],
    ...[
      '3fff::1',
      '3fff:fff:ffff::',
      '4000::',
      '5f00::1',
      'fc00::1',
      'fdff::1',
      'fe80::1',
      'fec0::1',
      'ff02::1',
    ],
    ...['1fff:ffff::', '2001:1ff:ffff::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s', (text) => {
    expect(isRefused(text)).toBe(true);
  });

  it.each([
    ...[
      '1.0.0.0',
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '126.255.255.255',
      '128.0.0.0',
    ],
    ...[
      '172.15.255.255',
      '172.32.0.0',
      '192.0.0.9',
      '192.0.0.10',
      '192.0.1.0',
      '192.31.196.1',
      '192.52.193.1',
    ],
    ...['192.88.98.255', '192.88.100.0', '192.169.0.0', '192.175.48.1', '198.17.255.255', '198.20.0.0'],
    ...['223.255.255.255', '8.8.8.8', '64:ff9b::808:808', '2000::', '2001:1::1', '2001:1::2', '2001:1::3'],
    ...['2001:3::1', '2001:4:112::1', '2001:20::1', '2001:30::1', '2001:200::1', '2606:4700:4700::1111'],
    ...['2620:4f:8000::1', '3fff:1000::', '3ffe:ffff::'],
  ])('but not %s', (text) => {
    expect(isRefused(text)).toBe(false);
  });

  it('includes the IPv6 block of mapped addresses, which no single address is read into', () => {
    expect(has(specialPurposeSet(CLOSED), parseIpv6('::ffff:8.8.8.8') ?? Number.NaN)).toBe(true);
  });

  it('has the size that the IPv4 rows add up to', () => {
    const eights = 3 + 16 + 16; // 0/8, 10/8, 127/8, 224/4, 240/4
    const small = 2 ** 22 + 2 ** 16 + 2 ** 20 + (256 - 2) + 256 + 256 + 2 ** 16 + 2 ** 17 + 256 + 256;
    expect(count({ v4: specialPurposeSet(CLOSED).v4, v6: [] })).toBe(BigInt(eights * 2 ** 24 + small));
  });

  it('names a source for every row, and every network once', () => {
    const registered = SPECIAL_PURPOSE_ROWS.filter(({ name }) => !name.startsWith('Cloud metadata service'));
    expect(registered.every((row) => /^RFC \d+$/.test(row.source) && row.name !== '')).toBe(true);
    expect(new Set(SPECIAL_PURPOSE_ROWS.map((row) => row.network)).size).toBe(SPECIAL_PURPOSE_ROWS.length);
  });
});

describe('where private targets are allowed', () => {
  it.each([
    ...['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
    ...['100.64.0.0', '100.100.100.199', '100.100.100.201', '100.127.255.255'],
    ...['fc00::', 'fd00::1', 'fdff:ffff::', 'fd00:ec2::253', 'fd00:ec2::255'],
    ...['64:ff9b::a00:1', '64:ff9b::ac10:1', '64:ff9b::c0a8:1', '64:ff9b::6440:1'],
  ])('%s opens', (text) => {
    expect(isRefused(text)).toBe(true);
    expect(refusedBy(text, PRIVATE_OPEN)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', '127.0.0.0/8'],
    ['169.254.0.1', '169.254.0.0/16'],
    ['169.254.169.253', '169.254.0.0/16'],
    ['169.254.169.254', '169.254.169.254/32'],
    ['100.100.100.200', '100.100.100.200/32'],
    ['0.0.0.0', '0.0.0.0/32'],
    ['0.0.0.1', '0.0.0.0/8'],
    ['192.0.0.1', '192.0.0.0/29'],
    ['192.0.2.1', '192.0.2.0/24'],
    ['192.88.99.1', '192.88.99.0/24'],
    ['198.18.0.1', '198.18.0.0/15'],
    ['198.51.100.1', '198.51.100.0/24'],
    ['203.0.113.1', '203.0.113.0/24'],
    ['224.0.0.1', '224.0.0.0/4'],
    ['240.0.0.1', '240.0.0.0/4'],
    ['255.255.255.255', '255.255.255.255/32'],
    ['::', '::/128'],
    ['::1', '::1/128'],
    ['::a00:1', '::/96'],
    ['fe80::1', 'fe80::/10'],
    ['fe80::a9fe:a9fe', 'fe80::/10'],
    ['fec0::1', 'fec0::/10'],
    ['fd00:ec2::254', 'fd00:ec2::254/128'],
    ['fd20:ce::254', 'fd20:ce::254/128'],
    ['fd00:c1::a9fe:a9fe', 'fd00:c1::a9fe:a9fe/128'],
    ['ff02::1', 'ff00::/8'],
    ['2001:db8::1', '2001:db8::/32'],
    ['2002:a00:1::', '2002::/16'],
    ['64:ff9b:1::a00:1', '64:ff9b:1::/48'],
    ['64:ff9b::7f00:1', '64:ff9b::7f00:0/104'],
    ['64:ff9b::a9fe:a9fe', '64:ff9b::a9fe:a9fe/128'],
    ['64:ff9b::6464:64c8', '64:ff9b::6464:64c8/128'],
    ['64:ff9b::e000:1', '64:ff9b::e000:0/100'],
    ['4000::', '::/0'],
  ])('%s stays closed by %s', (text, network) => {
    expect(refusedBy(text)).toBe(network);
    expect(refusedBy(text, PRIVATE_OPEN)).toBe(network);
  });

  it('names the metadata services', () => {
    for (const text of ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe'])
      expect(rowOf(numberOf(text), PRIVATE_OPEN)?.name).toContain('Cloud metadata service');
    expect(rowOf(numberOf('64:ff9b::a00:1'), CLOSED)?.name).toBe('Private-Use, through NAT64');
  });

  it('opens nothing else', () => {
    const opened = (text: string) => {
      const parsed = parseRuleEntry(text);
      const network = fromRanges(parsed.ok && parsed.rule.kind === 'ranges' ? parsed.rule.ranges : []);
      return count(network) - count(intersect(network, specialPurposeSet(PRIVATE_OPEN)));
    };
    const rfc1918 = 2n ** 24n + 2n ** 20n + 2n ** 16n;
    const { v4, v6 } = specialPurposeSet(CLOSED);
    const open = specialPurposeSet(PRIVATE_OPEN);
    const opened4 = rfc1918 + 2n ** 22n - 1n;
    expect(count({ v4, v6: [] }) - count({ v4: open.v4, v6: [] })).toBe(opened4);
    expect(count({ v4: [], v6 }) - count({ v4: [], v6: open.v6 })).toBe(opened('fc00::/7') + opened4);
    expect(2n ** 121n - opened('fc00::/7')).toBe(7n);
  });

  it('counts by row', () => {
    const set = fromRanges([
      { start: numberOf('9.255.255.254'), end: numberOf('10.0.0.3') },
      { start: numberOf('169.254.169.250'), end: numberOf('169.254.170.0') },
      { start: numberOf('64:ff9b::9ff:ffff'), end: numberOf('64:ff9b::a00:2') },
    ]);
    const counts = [...countByRow(intersect(set, specialPurposeSet(CLOSED)))];
    expect(
      Object.fromEntries(counts.map(([row, size]) => [SPECIAL_PURPOSE_ROWS[row]?.network, size])),
    ).toEqual({
      '10.0.0.0/8': 3n,
      '169.254.0.0/16': 5n,
      '169.254.169.254/32': 1n,
      '64:ff9b::a00:0/104': 2n,
    });
  });
});
