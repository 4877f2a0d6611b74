import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/targets/address/address.ts';
import {
  formatAddress,
  IPV4_END,
  IPV6_END,
  parseAddress,
  parseIpv6,
} from '../../../src/targets/address/address.ts';

const ipv4 = fc.oneof(
  fc.integer({ min: 0, max: IPV4_END - 1 }),
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: IPV4_END - 300, max: IPV4_END - 1 }),
);
const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const ipv6 = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: IPV6_END - 300n, max: IPV6_END - 1n }),
  fc
    .array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce((address, value) => (address << 16n) | BigInt(value), 0n)),
);

describe('parseAddress', () => {
  it.each([
    ['0.0.0.0', 0],
    ['8.8.8.8', 134744072],
    ['255.255.255.255', 2 ** 32 - 1],
    ['::', 0n],
    ['::1', 1n],
    ['2001:DB8::A', 0x20010db800000000000000000000000an],
    ['64:ff9b::8.8.8.8', 0x64ff9b000000000000000008080808n],
    ['::8.8.8.8', 0x08080808n],
    ['::ffff:8.8.8.8', 134744072],
    ['::FFFF:808:808', 134744072],
    ['0:0:0:0:0:ffff:8.8.8.8', 134744072],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', IPV6_END - 1n],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each([
    ...['', '8', '8.8.8', '8.8.8.8.8', '8.8.8.256', '8.8.8.', '.8.8.8', '8..8.8', '08.8.8.8', '8.8.8.00'],
    ...['0x8.8.8.8', '134744072', '+8.8.8.8', '8.8.8.8 ', ' 8.8.8.8', '8.8.8.8\n', '8.8.8.-8', '8.8.8.8e0'],
    ...['٨.8.8.8', '８.8.8.8', ':', ':::', '1:', ':1', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9'],
    ...['1:2:3::4:5:6:7:8', '12345::', 'g::', 'fe80::1%eth0', '[::1]', '::1/64', '::8.8.8', '::08.8.8.8'],
    ...['8.8.8.8::', '::8.8.8.8:1', '1:2:3:4:5:6:7:8.8.8.8', '::+1', ':: 1', '::0x1'],
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('gives back what formatAddress wrote', () => {
    const check = (address: Address) => {
      const text = formatAddress(address);
      expect(typeof address === 'number' ? parseAddress(text) : parseIpv6(text)).toBe(address);
    };
    fc.assert(fc.property(ipv4, check));
    fc.assert(fc.property(ipv6, check));
  });

  it('agrees with Node about what is an IPv6 address', () => {
    const pieces = fc.constantFrom('0', '1', 'ff', 'FFFF', '12345', '::', ':', ':', '1.2.3.4', '1.2.3', '');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 16 }), (parts) => {
        expect(parseIpv6(parts.join('')) !== undefined).toBe(isIPv6(parts.join('')));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('formatAddress', () => {
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
    ['2001:0DB8::00AB', '2001:db8::ab'],
  ])('writes %s as %s', (text, normal) => {
    expect(formatAddress(parseIpv6(text) ?? -1)).toBe(normal);
  });

  it('shortens the first of the longest runs of zero groups, and no single one (RFC 5952 4.2)', () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        const groups = Array.from({ length: 8 }, (_, i) => (address >> BigInt(112 - 16 * i)) & 0xffffn);
        const text = groups.map((value) => value.toString(16)).join(':');
        const runs = [8, 7, 6, 5, 4, 3, 2].map((length) => Array.from({ length }, () => '0').join(':'));
        const run = runs.find((zeros) => `:${text}:`.includes(`:${zeros}:`)) ?? 'none';
        const shortened = `:${text}:`.replace(`:${run}:`, '::');
        const expected = shortened.replace(/^:(?!:)/, '').replace(/(?<!:):$/, '');
        expect(formatAddress(address)).toBe(run === 'none' ? text : expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
