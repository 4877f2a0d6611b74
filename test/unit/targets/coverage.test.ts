import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coveredLists } from '../../../src/targets/entries/coveredEntries.ts';
import type { AddressRange } from '../../../src/targets/sets/addressSet.ts';

const to = (start: number, last: number): AddressRange => ({ start, end: last + 1 });
const to6 = (start: bigint, last: bigint): AddressRange => ({ start, end: last + 1n });

describe('an entry is covered', () => {
  it.each<[string, AddressRange[][], [number, number[]][]]>([
    [
      'by a wider one, before or behind it',
      [[to(5, 5)], [to(0, 9)], [to(9, 9)]],
      [
        [0, [1]],
        [2, [1]],
      ],
    ],
    ['by an equal one before it', [[to(3, 4)], [to(3, 4)]], [[1, [0]]]],
    ['by none when one address sticks out', [[to(0, 9)], [to(9, 10)], [to(11, 12)]], []],
    ['when all of its parts are', [[to(1, 1), to(5, 5)], [to(0, 2)], [to(4, 6)]], [[0, [1, 2]]]],
    ['by none when one of its parts is free', [[to(1, 1), to(5, 5)], [to(0, 2)]], []],
    [
      'within its family only',
      [[to(0, 9)], [to6(1n, 2n)], [to6(0n, 5n)], [to(1, 2)]],
      [
        [1, [2]],
        [3, [0]],
      ],
    ],
    ['by none when there is none', [[], []], []],
  ])('%s', (_, entries, expected) => {
    expect([...coveredLists(entries)].sort(([a], [b]) => a - b)).toEqual(expected);
  });

  it('exactly when a look at every pair says so', () => {
    const range = fc.tuple(fc.nat(30), fc.nat(12)).map(([start, length]) => to(start, start + length));
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const found = coveredLists(ranges.map((each) => [each]));
        ranges.forEach((inner, i) => {
          const isCovered = ranges.some((outer, j) => {
            const within = outer.start <= inner.start && outer.end >= inner.end;
            const same = outer.start === inner.start && outer.end === inner.end;
            return i !== j && within && (!same || j < i);
          });
          expect(found.has(i)).toBe(isCovered);
        });
      }),
    );
  });
});
