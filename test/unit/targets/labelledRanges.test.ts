import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, IPV4_END, IPV6_END } from '../../../src/targets/address/address.ts';
import {
  countByLabel,
  eachPiece,
  type LabelledIntervals,
  labelAt,
  labelRanges,
} from '../../../src/targets/scope/labelledIntervals.ts';
import {
  type AddressRange,
  type AddressSet,
  addressesOf,
  count,
  fromRanges,
} from '../../../src/targets/sets/addressSet.ts';

const SIZE = 24;
/** Both families, at the bottom and at the top of the space. */
const at = fc.constantFrom<(offset: number) => Address>(
  (offset) => offset,
  (offset) => IPV4_END - SIZE + offset,
  (offset) => BigInt(offset),
  (offset) => IPV6_END - BigInt(SIZE - offset),
);
const range = fc
  .tuple(at, fc.nat(SIZE), fc.nat(SIZE))
  .map(([place, from, to]): AddressRange => ({ start: place(from), end: place(to) }));
const ranges = fc.array(range, { maxLength: 4 });

const EVERYTHING: AddressSet = { v4: [0, IPV4_END], v6: [0n, IPV6_END] };

/** The ranges of label 0, of label 1, and so on, from the last label to the first. */
function labelledBackwards(rangesByLabel: readonly (readonly AddressRange[])[]): LabelledIntervals {
  return labelRanges(pairsOf(rangesByLabel).reverse());
}

function pairsOf(
  rangesByLabel: readonly (readonly AddressRange[])[],
): [label: number, range: AddressRange][] {
  return rangesByLabel.flatMap((list, label) => list.map((each): [number, AddressRange] => [label, each]));
}

function addressesLabelled(labelled: LabelledIntervals, wanted = (_label: number) => true): AddressSet {
  const pieces: AddressRange[] = [];
  eachPiece(labelled, EVERYTHING, (label, piece) => {
    if (wanted(label)) pieces.push(piece);
  });
  return fromRanges(pieces);
}

describe('labelled ranges', () => {
  it('agree with a list that is searched from its beginning', () => {
    fc.assert(
      fc.property(fc.array(ranges, { maxLength: 8 }), ranges, (rangesByLabel, asked) => {
        const labelled = labelRanges(pairsOf(rangesByLabel));
        const owner = (address: Address) => {
          const index = rangesByLabel.findIndex((list) =>
            list.some(
              ({ start, end }) => typeof start === typeof address && start <= address && address < end,
            ),
          );
          return index === -1 ? undefined : index;
        };
        const set = fromRanges(asked);
        const expected = new Map<number, bigint>();
        for (const address of addressesOf(set)) {
          const label = owner(address);
          expect(labelAt(labelled, address)).toBe(label);
          if (label !== undefined) expected.set(label, (expected.get(label) ?? 0n) + 1n);
        }
        expect(countByLabel(labelled, set)).toEqual(expected);
        expect(labelledBackwards(rangesByLabel)).toEqual(labelled);
        const all = fromRanges(rangesByLabel.flat());
        expect(addressesLabelled(labelled)).toEqual(all);
        const even = [...addressesOf(all)].filter((address) => (owner(address) ?? 1) % 2 === 0);
        expect([...addressesOf(addressesLabelled(labelled, (label) => label % 2 === 0))]).toEqual(even);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are empty without ranges', () => {
    const labelled = labelRanges(pairsOf([[], [{ start: 5, end: 5 }]]));
    expect(labelAt(labelled, 5)).toBeUndefined();
    expect(labelAt(labelled, 5n)).toBeUndefined();
    expect(countByLabel(labelled, fromRanges([{ start: 0, end: IPV4_END }])).size).toBe(0);
  });

  it('take each cell once, however much 100,000 ranges overlap', () => {
    const onion = Array.from({ length: 100_000 }, (_, i) => [{ start: 200_000 - i, end: 200_001 + i }]);
    const inwards = labelRanges(pairsOf(onion.toReversed()));
    expect(labelAt(inwards, 200_000)).toBe(0);
    const outwards = labelRanges(pairsOf(onion));
    expect(labelAt(outwards, 200_000)).toBe(0);
    expect(labelAt(outwards, 100_001)).toBe(99_999);
    const counts = countByLabel(outwards, addressesLabelled(outwards));
    expect(counts.size).toBe(100_000);
    expect([...counts.values()].reduce((sum, size) => sum + size)).toBe(
      count(fromRanges([{ start: 100_001, end: 300_000 }])),
    );
  });
});
