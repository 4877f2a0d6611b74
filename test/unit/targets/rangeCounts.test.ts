import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import { addressIndex } from '../../../src/targets/sets/addressIndex.ts';
import { type AddressRange, count, fromRanges, intersect } from '../../../src/targets/sets/addressSet.ts';

/** Small numbers near both ends of both address spaces, so that ranges meet. */
const near = (end: bigint) =>
  fc.tuple(fc.bigInt(0n, 40n), fc.boolean()).map(([x, top]) => (top ? end - x : x));
const v4 = fc.tuple(near(BigInt(IPV4_END)), near(BigInt(IPV4_END))).map(([a, b]): AddressRange => {
  return a < b ? { start: Number(a), end: Number(b) } : { start: Number(b), end: Number(a) };
});
const v6 = fc.tuple(near(IPV6_END), near(IPV6_END)).map(([a, b]): AddressRange => {
  return a < b ? { start: a, end: b } : { start: b, end: a };
});
/** Of the sets that are counted none has more than 2^53 addresses. */
const small6 = v6.filter(({ start, end }) => BigInt(end) - BigInt(start) <= 40n);

it('the count of an intersection is what it holds', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(v4, small6)), fc.oneof(v4, v6), (ranges, asked) => {
      const set = fromRanges(ranges);
      expect(addressIndex(set).within(asked)).toBe(count(intersect(set, fromRanges([asked]))));
    }),
  );
});
