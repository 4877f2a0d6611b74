/** Lists in all notations come to the union of what each entry stands for, counted one by one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Address, formatAddress } from '../../../src/targets/address/address.ts';
import { parseEntry } from '../../../src/targets/entries/entry.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import { addressesOf } from '../../../src/targets/sets/addressSet.ts';
import { notations4, notations6, union } from '../../support/notations.ts';

/** 256 addresses a family at the bottom, somewhere, and at the top of the space. */
const BLOCKS4 = ['0.0.0', '10.1.255', '255.255.255'];
const BLOCKS6 = ['::', '2001:db8::ff00:', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff'];

const lists = fc.tuple(fc.constantFrom(...BLOCKS4), fc.constantFrom(...BLOCKS6)).chain(([block4, block6]) =>
  fc.record({
    block4: fc.constant(block4),
    block6: fc.constant(block6),
    v4: fc.array(notations4(block4), { maxLength: 6 }),
    v6: fc.array(notations6(block6), { maxLength: 6 }),
    keepEdges: fc.boolean(),
  }),
);

const addressOf = (typed: string): Address => {
  const parsed = parseEntry(typed);
  if (!parsed.ok || parsed.entry.kind !== 'address') throw new Error(typed);
  return parsed.entry.address;
};

it('the union of a list in all notations is that of the naive sets', () => {
  fc.assert(
    fc.property(lists, ({ block4, block6, v4, v6, keepEdges }) => {
      const { set } = expandEntries(
        [...v4, ...v6].map(({ typed }) => typed),
        { networkAndBroadcast: keepEdges },
      );
      const base4 = Number(addressOf(`${block4}.0`));
      const base6 = BigInt(addressOf(block6 === '::' ? '::' : `${block6}00`));
      expect([...addressesOf(set)].map(formatAddress)).toEqual([
        ...union(v4, keepEdges).map((value) => formatAddress(base4 + value)),
        ...union(v6, true).map((value) => formatAddress(base6 + BigInt(value))),
      ]);
    }),
    { numRuns: 400 },
  );
});

it('what is written in normal form is read as the same, and equal entries are written alike', () => {
  const pair = fc.constantFrom(...BLOCKS4).chain((block) => fc.tuple(notations4(block), notations4(block)));
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [one, other] = [parseEntry(a.typed), parseEntry(b.typed)];
      if (!one.ok || !other.ok) throw new Error(`${a.typed} or ${b.typed} is refused`);
      expect(parseEntry(one.entry.normal)).toMatchObject({ ok: true, entry: { normal: one.entry.normal } });
      // A network is another entry than the range of its addresses: it may lose two of them.
      if (one.entry.kind !== 'network' && other.entry.kind !== 'network') {
        const same = union([a], true).join() === union([b], true).join();
        expect(one.entry.normal === other.entry.normal).toBe(same);
      }
    }),
    { numRuns: 2_000 },
  );
});
