/** Lists in all notations come to the union of what each entry stands for, counted one by one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Address, formatAddress } from '../../src/targets/address.ts';
import { addressesOf } from '../../src/targets/addressSet.ts';
import { parseEntry } from '../../src/targets/entry.ts';
import { expandEntries } from '../../src/targets/expandEntries.ts';

/** 256 addresses a family at the bottom, somewhere, and at the top of the space. */
const BLOCKS4 = ['0.0.0', '10.1.255', '255.255.255'];
const BLOCKS6 = ['::', '2001:db8::ff00:', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff'];

interface Piece {
  typed: string;
  /** Last octets; of networks the first and last one are left out unless they are asked for. */
  values: number[];
  edges: number[];
}

const span = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
const prefix = fc.integer({ min: 24, max: 32 });
const hex = (value: number) => value.toString(16).padStart(2, '0');

function network(octet: number, length: number, typed: string): Piece {
  const size = 2 ** (32 - length);
  const first = octet - (octet % size);
  return {
    typed,
    values: numbers(first, first + size - 1),
    edges: length <= 30 ? [first, first + size - 1] : [],
  };
}

const mask = (length: number) => `255.255.255.${256 - 2 ** (32 - length)}`;
const hostMask = (length: number) => `0.0.0.${2 ** (32 - length) - 1}`;

function notations4(block: string): fc.Arbitrary<Piece> {
  return fc.oneof(
    fc.nat(255).map((octet) => ({ typed: `${block}.${octet}`, values: [octet], edges: [] })),
    fc.nat(255).map((octet) => ({ typed: `::FFFF:${block}.${octet}`, values: [octet], edges: [] })),
    fc
      .tuple(fc.nat(255), prefix)
      .map(([octet, length]) => network(octet, length, `${block}.${octet}/${length}`)),
    fc
      .tuple(fc.nat(255), fc.integer({ min: 24, max: 31 }))
      .chain(([octet, length]) =>
        fc
          .constantFrom(mask(length), hostMask(length))
          .map((one) => network(octet, length, `${block}.${octet}/${one}`)),
      ),
    span.map(([a, b]) => ({ typed: `${block}.${a}-${block}.${b}`, values: numbers(a, b), edges: [] })),
    span.map(([a, b]) => ({ typed: `${block}.${a}-${b}`, values: numbers(a, b), edges: [] })),
    fc.tuple(span, fc.nat(255)).map(([[a, b], c]) => {
      return {
        typed: `${block}.${a}-${b},${c},-3,254-`,
        values: [...numbers(a, b), c, 0, 1, 2, 3, 254, 255],
        edges: [],
      };
    }),
    fc.constant<Piece>({ typed: `${block}.*`, values: numbers(0, 255), edges: [] }),
  );
}

function notations6(block: string): fc.Arbitrary<Piece> {
  const at = (value: number) => (block === '::' ? `::${value.toString(16)}` : `${block}${hex(value)}`);
  return fc.oneof(
    fc.nat(255).map((value) => ({ typed: at(value).toUpperCase(), values: [value], edges: [] })),
    fc.tuple(fc.nat(255), fc.integer({ min: 120, max: 128 })).map(([value, length]) => {
      return { ...network(value, length - 96, `${at(value)}/${length}`), edges: [] };
    }),
    span.map(([a, b]) => ({ typed: `${at(a)}-${at(b)}`, values: numbers(a, b), edges: [] })),
  );
}

const lists = fc.tuple(fc.constantFrom(...BLOCKS4), fc.constantFrom(...BLOCKS6)).chain(([block4, block6]) =>
  fc.record({
    block4: fc.constant(block4),
    block6: fc.constant(block6),
    v4: fc.array(notations4(block4), { maxLength: 6 }),
    v6: fc.array(notations6(block6), { maxLength: 6 }),
    keepEdges: fc.boolean(),
  }),
);

/** The addresses of last octets, ascending. A single value counts even where it is another network's edge. */
function union(pieces: readonly Piece[], keepEdges: boolean): number[] {
  const all = pieces.flatMap(({ values, edges }) =>
    keepEdges ? values : values.filter((value) => !edges.includes(value)),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}

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
