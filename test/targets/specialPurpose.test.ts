import { describe, expect, it } from 'vitest';
import { parseAddress, parseIpv6 } from '../../src/targets/address.ts';
import { count, has } from '../../src/targets/addressSet.ts';
import { NOT_GLOBALLY_REACHABLE, SPECIAL_PURPOSE_ROWS } from '../../src/targets/specialPurpose.ts';

const isRefused = (text: string) => has(NOT_GLOBALLY_REACHABLE, parseAddress(text) ?? Number.NaN);

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
    expect(has(NOT_GLOBALLY_REACHABLE, parseIpv6('::ffff:8.8.8.8') ?? Number.NaN)).toBe(true);
  });

  it('has the size that the IPv4 rows add up to', () => {
    const eights = 3 + 16 + 16; // 0/8, 10/8, 127/8, 224/4, 240/4
    const small = 2 ** 22 + 2 ** 16 + 2 ** 20 + (256 - 2) + 256 + 256 + 2 ** 16 + 2 ** 17 + 256 + 256;
    expect(count({ v4: NOT_GLOBALLY_REACHABLE.v4, v6: [] })).toBe(BigInt(eights * 2 ** 24 + small));
  });

  it('names a source for every row, and every network once', () => {
    expect(SPECIAL_PURPOSE_ROWS.every((row) => /^RFC \d+$/.test(row.source) && row.name !== '')).toBe(true);
    expect(new Set(SPECIAL_PURPOSE_ROWS.map((row) => row.network)).size).toBe(SPECIAL_PURPOSE_ROWS.length);
  });
});
