/**
 * Ranges that say which rule they come from. They may overlap; each address belongs to the lowest label that covers
 * it. So "which rule refused this address?" and "how many did each rule refuse?" need no list of addresses.
 */
import type { Address } from '../address/address.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { countUpTo, filled, type Intervals, pairs, roomFor } from '../sets/intervals.ts';
import type { LabelledFamily, LabelledList } from './labelledList.ts';

/** The cell from `cuts[i]` up to `cuts[i + 1]` belongs to label `owners[i]`; the last cut only ends a cell. */
interface Cells<T extends number | bigint> {
  cuts: Intervals<T>;
  owners: Int32Array;
}

export interface LabelledIntervals {
  readonly v4: Cells<number>;
  readonly v6: Cells<bigint>;
}

const NOBODY = -1;

/** A lower label wins where ranges overlap. O(n log n) in the number of ranges. */
export function labelRanges(list: LabelledList): LabelledIntervals {
  return { v4: flatten(list.v4()), v6: flatten(list.v6()) };
}

/**
 * Every start and end is a cut. In the order of the labels each range takes the cells that are still free; `next`
 * leaps over those that are taken, so each cell is taken once, however much the ranges overlap.
 */
function flatten<T extends number | bigint>({
  starts,
  endAt,
  labels,
  order,
  cuts,
}: LabelledFamily<T>): Cells<T> {
  const owners = new Int32Array(cuts.length).fill(NOBODY);
  const next = new Int32Array(cuts.length);
  for (let cell = 0; cell < next.length; cell++) next[cell] = cell;
  for (let place = 0; place < labels.length; place++) {
    const i = order === undefined ? place : (order[place] as number);
    const end = cellAt(cuts, endAt(i));
    let cell = free(next, cellAt(cuts, starts[i] as T));
    while (cell < end) {
      owners[cell] = labels[i] as number;
      next[cell] = cell + 1;
      cell = free(next, cell + 1);
    }
  }
  return { cuts, owners };
}

function cellAt<T extends number | bigint>(cuts: Intervals<T>, value: T): number {
  return countUpTo(cuts, value) - 1;
}

/** The first free cell from `cell` on. It shortens the way for the next one who asks. */
function free(next: Int32Array, cell: number): number {
  let found = cell;
  while (next[found] !== found) {
    const after = next[found] as number;
    next[found] = next[after] as number;
    found = after;
  }
  return found;
}

/** The label that the address belongs to. O(log n). */
export function labelAt({ v4, v6 }: LabelledIntervals, address: Address): number | undefined {
  const owner =
    typeof address === 'number' ? v4.owners[cellAt(v4.cuts, address)] : v6.owners[cellAt(v6.cuts, address)];
  return owner === NOBODY ? undefined : owner;
}

/** The addresses whose label is wanted. */
export function addressesLabelled(
  { v4, v6 }: LabelledIntervals,
  wanted: (label: number) => boolean = () => true,
): AddressSet {
  return { v4: intervalsOf(v4, wanted), v6: intervalsOf(v6, wanted) };
}

function intervalsOf<T extends number | bigint>(
  { cuts, owners }: Cells<T>,
  wanted: (label: number) => boolean,
): Intervals<T> {
  const isBoundary = (cell: number, inside: boolean) => {
    const owner = owners[cell] as number;
    return (owner !== NOBODY && wanted(owner)) !== inside;
  };
  let length = 0;
  for (let cell = 0; cell < cuts.length; cell++) if (isBoundary(cell, length % 2 === 1)) length++;
  // Of ranges that lie apart, which is what most lists have: the same list need not be held twice.
  if (length === cuts.length && length > 0) return cuts;
  const result = roomFor(length, cuts[0]);
  let at = 0;
  for (let cell = 0; cell < cuts.length; cell++)
    if (isBoundary(cell, at % 2 === 1)) result[at++] = cuts[cell] as T;
  return filled(result, at);
}

/** How many addresses of the set belong to each label; labels without any are missing. O(n + m). */
export function countByLabel({ v4, v6 }: LabelledIntervals, set: AddressSet): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  const count = (label: number, size: bigint) => counts.set(label, (counts.get(label) ?? 0n) + size);
  for (const [label, start, end] of pieces(v4, set.v4)) {
    count(label, BigInt(end - start));
  }
  for (const [label, start, end] of pieces(v6, set.v6)) {
    count(label, end - start);
  }
  return counts;
}

/** What the set and the labelled ranges share, piece by piece, each with its label. */
export function* piecesWithin(
  { v4, v6 }: LabelledIntervals,
  set: AddressSet,
): Generator<[label: number, range: AddressRange]> {
  for (const [label, start, end] of pieces(v4, set.v4)) yield [label, { start, end }];
  for (const [label, start, end] of pieces(v6, set.v6)) yield [label, { start, end }];
}

// Math.max and Math.min take no bigints.
function later<T extends number | bigint>(a: T, b: T): T {
  if (a < b) return b;
  return a;
}

function earlier<T extends number | bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

/** What the set and the cells that have an owner share, piece by piece. */
function* pieces<T extends number | bigint>(
  { cuts, owners }: Cells<T>,
  set: Intervals<T>,
): Generator<[label: number, start: T, end: T]> {
  const first = set[0];
  if (first === undefined) return;
  // The way to the first piece is a search: a set is often one address, beside 100,000 cells.
  let cell = Math.max(0, cellAt(cuts, first));
  for (const [start, end] of pairs(set)) {
    while (cell + 1 < cuts.length && (cuts[cell + 1] as T) <= start) cell++;
    for (let at = cell; at + 1 < cuts.length && (cuts[at] as T) < end; at++) {
      const owner = owners[at] as number;
      if (owner === NOBODY) continue;
      const [from, to] = [cuts[at] as T, cuts[at + 1] as T];
      yield [owner, later(from, start), earlier(to, end)];
    }
  }
}
