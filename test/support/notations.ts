/** Entries in every notation, with what each stands for: numbers of the last octet (or byte) of its block. */
import fc from 'fast-check';

export interface Piece {
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

export function notations4(block: string): fc.Arbitrary<Piece> {
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
        typed: `${block}.${a}-${b},${c},0-3,254-255`,
        values: [...numbers(a, b), c, 0, 1, 2, 3, 254, 255],
        edges: [],
      };
    }),
    fc.constant<Piece>({ typed: `${block}.*`, values: numbers(0, 255), edges: [] }),
  );
}

export function notations6(block: string): fc.Arbitrary<Piece> {
  const at = (value: number) => (block === '::' ? `::${value.toString(16)}` : `${block}${hex(value)}`);
  return fc.oneof(
    fc.nat(255).map((value) => ({ typed: at(value).toUpperCase(), values: [value], edges: [] })),
    fc.tuple(fc.nat(255), fc.integer({ min: 120, max: 128 })).map(([value, length]) => {
      return { ...network(value, length - 96, `${at(value)}/${length}`), edges: [] };
    }),
    span.map(([a, b]) => ({ typed: `${at(a)}-${at(b)}`, values: numbers(a, b), edges: [] })),
  );
}

/** The addresses of last octets, ascending. A single value counts even where it is another network's edge. */
export function union(pieces: readonly Piece[], keepEdges: boolean): number[] {
  const all = pieces.flatMap(({ values, edges }) =>
    keepEdges ? values : values.filter((value) => !edges.includes(value)),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}
