import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import { Ipv4Table } from '../../../src/targets/address/ipv4Table.ts';
import { type AddressRange, EMPTY, fromRanges } from '../../../src/targets/sets/addressSet.ts';
import { AddressSetBuilder } from '../../../src/targets/sets/addressSetBuilder.ts';

const v4 = fc.oneof(
  fc.nat(40),
  fc.integer({ min: IPV4_END - 40, max: IPV4_END }),
  fc.integer({ min: 0, max: IPV4_END }),
);
const v6 = fc.oneof(
  fc.bigInt({ min: 0n, max: 40n }),
  fc.bigInt({ min: IPV6_END - 40n, max: IPV6_END }),
  fc.bigInt({ min: 0n, max: IPV6_END }),
);
const range: fc.Arbitrary<AddressRange> = fc.oneof(
  fc.record({ start: v4, end: v4 }),
  fc.record({ start: v6, end: v6 }),
);

describe('AddressSetBuilder', () => {
  it('gives the set that fromRanges gives', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), (ranges) => {
        const collector = new AddressSetBuilder();
        for (const one of ranges) collector.add(one);
        expect(collector.toSet()).toEqual(fromRanges(ranges));
      }),
    );
    expect(new AddressSetBuilder().toSet()).toEqual(EMPTY);
  });

  it('takes long lists in any order', () => {
    const collector = new AddressSetBuilder();
    const ranges: AddressRange[] = [];
    let random = 1;
    for (let i = 0; i < 200_000; i++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      collector.addIpv4(random);
      collector.add({ start: BigInt(random) << 64n, end: (BigInt(random) << 64n) + 3n });
      ranges.push({ start: random, end: random + 1 });
      ranges.push({ start: BigInt(random) << 64n, end: (BigInt(random) << 64n) + 3n });
    }
    expect(collector.toSet()).toEqual(fromRanges(ranges));
  });
});

describe('Ipv4Table', () => {
  it.each([0, 1, 0xffffffff])('knows what it has seen (seed %i)', (seed) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 0, max: IPV4_END - 1 }))), (addresses) => {
        const table = new Ipv4Table(seed);
        const seen = new Set<number>();
        for (const address of addresses) {
          expect(table.add(address)).toBe(!seen.has(address));
          seen.add(address);
        }
      }),
    );
  });

  it('takes as many addresses as there are', () => {
    const table = new Ipv4Table(7);
    const addresses = Array.from({ length: 300_000 }, (_, i) => i * 14_000);
    expect(addresses.filter((address) => table.add(address))).toHaveLength(300_000);
    expect(addresses.filter((address) => table.add(address))).toHaveLength(0);
  });
});
