import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import { parseRuleEntry } from '../../../src/targets/scope/rules.ts';
import {
  type AddressRange,
  type AddressSet,
  fromRanges,
  union,
} from '../../../src/targets/sets/addressSet.ts';
import { formatRanges } from '../../../src/targets/sets/formatRanges.ts';

function readBack(texts: Iterable<string>): AddressSet {
  const ranges = [...texts].flatMap((text): readonly AddressRange[] => {
    const parsed = parseRuleEntry(text);
    if (!parsed.ok || parsed.rule.kind !== 'ranges') throw new Error(text);
    return parsed.rule.ranges;
  });
  return fromRanges(ranges);
}

describe('the texts of a set', () => {
  it.each([
    [{ start: 0, end: IPV4_END }, '0.0.0.0/0'],
    [{ start: 0n, end: IPV6_END }, '::/0'],
    [{ start: 0x08080808, end: 0x08080809 }, '8.8.8.8'],
    [{ start: 0x08080808, end: 0x0808080a }, '8.8.8.8/31'],
    [{ start: 0x08080809, end: 0x0808080b }, '8.8.8.9-8.8.8.10'],
    [{ start: 0x08080801, end: 0x080808ff }, '8.8.8.1-8.8.8.254'],
    [{ start: 0, end: IPV4_END - 1 }, '0.0.0.0-255.255.255.254'],
    [{ start: 1, end: IPV4_END }, '0.0.0.1-255.255.255.255'],
    [{ start: IPV4_END / 2, end: IPV4_END }, '128.0.0.0/1'],
    [{ start: 0x2606n << 112n, end: 0x2607n << 112n }, '2606::/16'],
    [{ start: IPV6_END - 1n, end: IPV6_END }, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    [{ start: 1n, end: 3n }, '::1-::2'],
    [{ start: 0n, end: IPV6_END / 2n + 1n }, '::-8000::'],
  ])('%o is %s', (range, text) => {
    expect([...formatRanges(fromRanges([range]))]).toEqual([text]);
  });

  it('read back give the same set', () => {
    const size = fc.oneof(
      fc.nat(40),
      fc.nat(32).map((bits) => 2 ** bits),
    );
    const range4 = fc
      .tuple(fc.oneof(fc.nat(40), fc.integer({ min: IPV4_END - 40, max: IPV4_END - 1 }), fc.nat()), size)
      .map(([start, length]) => ({ start, end: Math.min(start + length, IPV4_END) }));
    const range6 = range4.chain(({ start, end }) =>
      fc.constantFrom(0n, IPV6_END - 2n ** 32n, 0x2606_4700n << 96n).map((base) => {
        return { start: base + BigInt(start), end: base + BigInt(end) };
      }),
    );
    fc.assert(
      fc.property(fc.array(range4), fc.array(range6), (four, six) => {
        const set = union(fromRanges(four), fromRanges(six));
        expect(readBack(formatRanges(set))).toEqual(set);
      }),
      { numRuns: 500 },
    );
  });

  it('come one at a time', () => {
    const set = fromRanges(Array.from({ length: 200_000 }, (_, i) => ({ start: 2 * i, end: 2 * i + 1 })));
    expect(formatRanges(set).next().value).toBe('0.0.0.0');
  });
});
