import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countRanges,
  firstInOctets,
  formatOctets,
  parseOctets,
  rangesOfOctets,
} from '../../../src/targets/entries/octets.ts';

/** Open ranges too: what is kept may have them. */
function octetsOf(text: string) {
  const parsed = parseOctets(text, { allowOpen: true });
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.octets;
}

/** A number, a closed or open range, or everything. */
const item = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('0', '1', '2', '9', '128', '254', '255') },
  { weight: 4, arbitrary: fc.nat(255).map(String) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('*', '-', '0-255', '-3', '250-', '-0', '255-') },
);
const list = fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(','));

function valuesOf(octet: string): number[] {
  return Array.from({ length: 256 }, (_, value) => value).filter((value) =>
    octet.split(',').some((one) => {
      if (one === '*') return true;
      const [from = '', to] = one.split('-');
      if (to === undefined) return value === Number(from);
      return value >= Number(from || 0) && value <= Number(to || 255);
    }),
  );
}

describe('octet forms', () => {
  it('stand for what a naive reading gives, with as many ranges as were announced', () => {
    // Two octets are one value, or what is counted one by one is too much.
    const text = fc
      .tuple(fc.constantFrom('0', '10', '255'), fc.constantFrom('0', '255', '0-1', '254-'), list, list)
      .map((octets) => octets.join('.'));
    fc.assert(
      fc.property(text, (typed) => {
        const [a = [], b = [], c = [], d = []] = typed.split('.').map(valuesOf);
        const naive: number[] = [];
        for (const i of a)
          for (const j of b)
            for (const k of c) for (const l of d) naive.push(((i * 256 + j) * 256 + k) * 256 + l);
        const octets = octetsOf(typed);
        const ranges = rangesOfOctets(octets);
        const found: number[] = [];
        for (const { start, end } of ranges) {
          for (let address = Number(start); address < Number(end); address++) found.push(address);
        }
        expect(found).toEqual(naive);
        expect(ranges.length).toBe(countRanges(octets));
        for (const address of [...naive.slice(0, 3), ...naive.map((each) => each + 1).slice(0, 9)])
          expect(firstInOctets(octets, address)).toBe(naive.find((each) => each >= address));
        ranges.forEach(({ start }, i) => {
          if (i > 0) expect(Number(start)).toBeGreaterThan(Number(ranges[i - 1]?.end));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('have one spelling', () => {
    fc.assert(
      fc.property(fc.tuple(list, list, list, list), (parts) => {
        const octets = octetsOf(parts.join('.'));
        const text = formatOctets(octets);
        expect(octetsOf(text)).toEqual(octets);
        const turned = parts.map((part) => part.split(',').reverse().concat(part.split(',')).join(','));
        expect(formatOctets(octetsOf(turned.join('.')))).toBe(text);
      }),
    );
  });

  it.each([
    ['*.*.*.*', 1],
    ['10.0-3.*.*', 1],
    ['10.*.*.1', 65_536],
    ['*.*.*.1', 2 ** 24],
    ['*.*.*.0,255', 2 ** 24 + 1],
    ['*.*.*.0,2,4,255', 3 * 2 ** 24 + 1],
    ['1,3.*.*.0-1,255', 2 * (65_536 + 1)],
    ['*.*.0,255.*', 65_536 + 1],
    [`${Array.from({ length: 128 }, (_, i) => i * 2).join(',')}.*.*.1-2`, 128 * 65_536],
  ])('%s comes to %i ranges, without making them', (typed, ranges) => {
    expect(countRanges(octetsOf(typed))).toBe(ranges);
  });
});
