import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import type { AddressSet } from '../../../src/targets/sets/addressSet.ts';
import { decode, EMPTY, encode, fromRanges } from '../../../src/targets/sets/addressSet.ts';

const v4 = fc
  .tuple(fc.integer({ min: 0, max: IPV4_END - 1 }), fc.nat(5_000))
  .map(([start, length]) => ({ start, end: Math.min(start + length, IPV4_END) }));
const v6 = fc
  .tuple(fc.bigInt({ min: 0n, max: IPV6_END - 1n }), fc.bigInt({ min: 0n, max: 2n ** 70n }))
  .map(([start, length]) => ({ start, end: length < IPV6_END - start ? start + length : IPV6_END }));

describe('the text of an address set', () => {
  it('gives back the set', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(v4, v6)), (ranges) => {
        const set = fromRanges(ranges);
        expect(decode(encode(set))).toEqual(set);
      }),
    );
  });

  it.each<[string, AddressSet]>([
    ['|', EMPTY],
    ['0+100000000|', { v4: Float64Array.of(0, IPV4_END), v6: [] }],
    ['|0+100000000000000000000000000000000', { v4: [], v6: [0n, IPV6_END] }],
    [
      '8080801,9,9+10|1',
      { v4: Float64Array.of(0x8080801, 0x8080802, 0x808080b, 0x808080c, 0x8080815, 0x8080825), v6: [1n, 2n] },
    ],
  ])('is %j', (text, set) => {
    expect(encode(set)).toBe(text);
    expect(decode(text)).toEqual(set);
  });

  it.each([
    ...['', 'null', '||', '1', '1|1|1', ',|', '1,|', '|,1', '1+|', '+1|', '|+1', '|1+', '1+2+3|', '|1+2+3'],
    ...['1,0|', '|1,0', '5+0|', '|5+0', '-1|', '1.5|', '1 |', '1\n|', '0x1|', 'A|', '8.8.8.8|', '[]'],
    ...['100000000|', 'ffffffff+2|', `|${'f'.repeat(32)}+2`, `${'f'.repeat(400)}|`],
  ])('is not %j', (text) => {
    expect(() => decode(text)).toThrow(Error);
  });

  it('is short for a long list', () => {
    const ranges = Array.from({ length: 100_000 }, (_, i) => ({ start: i * 4_000, end: i * 4_000 + 1 }));
    const text = encode(fromRanges(ranges));
    expect(text.length).toBeLessThan(500_000);
    expect(decode(text).v4).toHaveLength(200_000);
  });
});
