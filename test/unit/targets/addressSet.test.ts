import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../src/targets/address/address.ts';
import { IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import { addressIndex } from '../../../src/targets/sets/addressIndex.ts';
import type { AddressRange, AddressSet } from '../../../src/targets/sets/addressSet.ts';
import {
  addressesOf,
  count,
  EMPTY,
  fromRanges,
  has,
  intersect,
  isEmpty,
  rangesOf,
  subtract,
  union,
} from '../../../src/targets/sets/addressSet.ts';

/** A universe of 32 addresses a family, at the bottom or at the top of the space, so that a Set can be the model. */
const SIZE = 32;
const BASES = [
  { v4: 0, v6: 0n },
  { v4: IPV4_END - SIZE, v6: IPV6_END - BigInt(SIZE) },
];
const span = fc.tuple(fc.boolean(), fc.nat(SIZE), fc.nat(SIZE));
const base = fc.constantFrom(...BASES);
const twoLists = fc.tuple(base, fc.array(span, { maxLength: 8 }), fc.array(span, { maxLength: 8 }));

function rangesAt(at: { v4: number; v6: bigint }, spans: [boolean, number, number][]): AddressRange[] {
  return spans.map(([isV4, from, to]) =>
    isV4
      ? { start: at.v4 + from, end: at.v4 + to }
      : { start: at.v6 + BigInt(from), end: at.v6 + BigInt(to) },
  );
}

function model(ranges: AddressRange[]): Set<Address> {
  const all = new Set<Address>();
  for (const { start, end } of ranges) {
    if (typeof start === 'number') for (let address = start; address < end; address++) all.add(address);
    else for (let address = start; address < end; address++) all.add(address);
  }
  return all;
}

function ascending(addresses: Iterable<Address>): Address[] {
  return [...addresses].sort((a, b) =>
    typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === 'number' ? -1 : 1,
  );
}

function expectSet(set: AddressSet, expected: Iterable<Address>): void {
  expect([...addressesOf(set)]).toEqual(ascending(expected));
  for (const list of [Array.from(set.v4), Array.from(set.v6)]) {
    expect(list.length % 2).toBe(0);
    list.forEach((boundary, i) => {
      if (i > 0) expect(boundary > (list[i - 1] ?? boundary)).toBe(true);
    });
  }
}

describe('address sets, against plain Sets', () => {
  it('agree in union, subtract and intersect', () => {
    fc.assert(
      fc.property(twoLists, ([at, spansA, spansB]) => {
        const [rangesA, rangesB] = [rangesAt(at, spansA), rangesAt(at, spansB)];
        const [a, b] = [fromRanges(rangesA), fromRanges(rangesB)];
        const [inA, inB] = [model(rangesA), model(rangesB)];
        expectSet(a, inA);
        expectSet(union(a, b), new Set([...inA, ...inB]));
        expectSet(
          subtract(a, b),
          [...inA].filter((address) => !inB.has(address)),
        );
        expectSet(
          intersect(a, b),
          [...inA].filter((address) => inB.has(address)),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('agree in the union of any number of sets', () => {
    fc.assert(
      fc.property(base, fc.array(fc.array(span, { maxLength: 4 }), { maxLength: 6 }), (at, lists) => {
        const ranges = lists.map((spans) => rangesAt(at, spans));
        expectSet(union(...ranges.map(fromRanges)), model(ranges.flat()));
      }),
    );
  });

  it('agree in has, count, isEmpty and addressIndex', () => {
    fc.assert(
      fc.property(twoLists, ([at, spans]) => {
        const ranges = rangesAt(at, spans);
        const [set, expected] = [fromRanges(ranges), model(ranges)];
        expect(count(set)).toBe(BigInt(expected.size));
        expect(isEmpty(set)).toBe(expected.size === 0);
        for (let i = 0; i < SIZE; i++) {
          expect(has(set, at.v4 + i)).toBe(expected.has(at.v4 + i));
          expect(has(set, at.v6 + BigInt(i))).toBe(expected.has(at.v6 + BigInt(i)));
        }
        const { at: find, indexOf } = addressIndex(set);
        for (let i = 0; i < SIZE; i++) {
          expect(indexOf(at.v4 + i) !== undefined).toBe(expected.has(at.v4 + i));
          expect(indexOf(at.v6 + BigInt(i)) !== undefined).toBe(expected.has(at.v6 + BigInt(i)));
        }
        ascending(expected).forEach((address, i) => {
          expect(find(i)).toBe(address);
          expect(indexOf(address)).toBe(i);
        });
        expect(() => find(expected.size)).toThrow(RangeError);
      }),
    );
  });
});

describe('address sets', () => {
  it('merge neighbours and ignore empty ranges', () => {
    const set = fromRanges([
      { start: 5, end: 9 },
      { start: 2, end: 5 },
      { start: 20, end: 20 },
      { start: 9n, end: 3n },
    ]);
    expect(set).toEqual({ v4: Float64Array.of(2, 9), v6: [] });
    expect([...rangesOf(set)]).toEqual([{ start: 2, end: 9 }]);
  });

  it('keep the families apart', () => {
    const four = fromRanges([{ start: 0, end: IPV4_END }]);
    const six = fromRanges([{ start: 0n, end: IPV6_END }]);
    expect(has(four, 1n)).toBe(false);
    expect(subtract(four, six)).toEqual(four);
    expect(intersect(four, six)).toEqual(EMPTY);
    expect(count(union(four, six))).toBe(2n ** 32n + 2n ** 128n);
  });

  it.each([
    [{ start: 1, end: 2n }],
    [{ start: 0, end: IPV4_END + 1 }],
    [{ start: -1n, end: 2n }],
    [{ start: Number.NaN, end: 2 }],
  ])('refuse a range outside one family', (range) => {
    expect(() => fromRanges([range])).toThrow(RangeError);
  });

  it('refuse indexes that are none', () => {
    const { at: find } = addressIndex(fromRanges([{ start: 0n, end: IPV6_END }]));
    expect(find(Number.MAX_SAFE_INTEGER)).toBe(BigInt(Number.MAX_SAFE_INTEGER));
    for (const index of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])
      expect(() => find(index)).toThrow(RangeError);
    expect(() => addressIndex(EMPTY).at(0)).toThrow(RangeError);
  });

  it('subtract a long list from a long list in one pass', () => {
    let reads = 0;
    const counted = (ranges: AddressRange[]) => {
      const { v4, v6 } = fromRanges(ranges);
      const get = (list: Float64Array, key: string | symbol) => {
        reads += 1;
        const value = Reflect.get(list, key, list);
        return typeof value === 'function' ? value.bind(list) : value;
      };
      return { v4: new Proxy(v4, { get }), v6 };
    };
    const every = (step: number) => Array.from({ length: 2_000 }, (_, i) => i * 40_000 + step);
    const a = counted(every(0).map((start) => ({ start, end: start + 300 })));
    const b = counted(every(100).map((start) => ({ start, end: start + 100 })));
    expect(count(subtract(a, b))).toBe(400_000n);
    // Each of the 8,000 boundaries some times; anything quadratic reads millions of times.
    expect(reads).toBeLessThan(20 * 8_000);
  });
});
