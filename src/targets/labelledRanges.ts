/**
 * Ranges that say which rule they come from. They may overlap; each address belongs to the lowest label that covers
 * it. So "which rule refused this address?" and "how many did each rule refuse?" need no list of addresses.
 */
import type { Address } from './address.ts';
import type { AddressRange, AddressSet } from './addressSet.ts';
import { type Boundaries, countUpTo, pairs } from './boundaries.ts';

/** The cell from `cuts[i]` up to `cuts[i + 1]` belongs to label `owners[i]`; the last cut only ends a cell. */
interface Cells<T extends number | bigint> {
  cuts: Boundaries<T>;
  owners: Int32Array;
}

export interface LabelledRanges {
  readonly v4: Cells<number>;
  readonly v6: Cells<bigint>;
}

const NOBODY = -1;

/** Ranges of one family in the order of their labels. */
interface Labelled<T extends number | bigint> {
  starts: T[];
  ends: T[];
  labels: number[];
}

/**
 * @param rangesByLabel the ranges of label 0, of label 1, ...: a lower label wins where ranges overlap. Each range in
 *   one family and inside the address space; empty ones are fine. O(n log n) in the number of ranges.
 */
export function labelRanges(rangesByLabel: readonly (readonly AddressRange[])[]): LabelledRanges {
  const v4: Labelled<number> = { starts: [], ends: [], labels: [] };
  const v6: Labelled<bigint> = { starts: [], ends: [], labels: [] };
  rangesByLabel.forEach((ranges, label) => {
    for (const { start, end } of ranges) {
      if (start >= end) continue;
      if (typeof start === 'number' && typeof end === 'number') add(v4, start, end, label);
      else if (typeof start === 'bigint' && typeof end === 'bigint') add(v6, start, end, label);
    }
  });
  return {
    v4: flatten(v4, [...Float64Array.from([...v4.starts, ...v4.ends]).sort()]),
    v6: flatten(
      v6,
      [...v6.starts, ...v6.ends].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    ),
  };
}

function add<T extends number | bigint>(to: Labelled<T>, start: T, end: T, label: number): void {
  to.starts.push(start);
  to.ends.push(end);
  to.labels.push(label);
}

/**
 * Every start and end is a cut. In the order of the labels each range takes the cells that are still free; `next`
 * leaps over those that are taken, so each cell is taken once, however much the ranges overlap.
 */
function flatten<T extends number | bigint>(ranges: Labelled<T>, sorted: readonly T[]): Cells<T> {
  const cuts = sorted.filter((cut, i) => i === 0 || cut !== sorted[i - 1]);
  const owners = new Int32Array(cuts.length).fill(NOBODY);
  const next = Int32Array.from(cuts, (_, cell) => cell);
  ranges.labels.forEach((label, i) => {
    const end = cellAt(cuts, ranges.ends[i] as T);
    let cell = free(next, cellAt(cuts, ranges.starts[i] as T));
    while (cell < end) {
      owners[cell] = label;
      next[cell] = cell + 1;
      cell = free(next, cell + 1);
    }
  });
  return { cuts, owners };
}

function cellAt<T extends number | bigint>(cuts: Boundaries<T>, value: T): number {
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
export function labelAt({ v4, v6 }: LabelledRanges, address: Address): number | undefined {
  const owner =
    typeof address === 'number' ? v4.owners[cellAt(v4.cuts, address)] : v6.owners[cellAt(v6.cuts, address)];
  return owner === NOBODY ? undefined : owner;
}

/** The addresses whose label is wanted. */
export function addressesLabelled(
  { v4, v6 }: LabelledRanges,
  wanted: (label: number) => boolean = () => true,
): AddressSet {
  return { v4: boundariesOf(v4, wanted), v6: boundariesOf(v6, wanted) };
}

function boundariesOf<T extends number | bigint>(
  { cuts, owners }: Cells<T>,
  wanted: (label: number) => boolean,
): T[] {
  const result: T[] = [];
  cuts.forEach((cut, cell) => {
    const owner = owners[cell] ?? NOBODY;
    const inside = result.length % 2 === 1;
    if ((owner !== NOBODY && wanted(owner)) !== inside) result.push(cut);
  });
  return result;
}

/** How many addresses of the set belong to each label; labels without any are missing. O(n + m). */
export function countByLabel({ v4, v6 }: LabelledRanges, set: AddressSet): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  const count = (label: number, size: bigint) => counts.set(label, (counts.get(label) ?? 0n) + size);
  for (const [label, start, end] of pieces(v4, set.v4)) count(label, BigInt(end - start));
  for (const [label, start, end] of pieces(v6, set.v6)) count(label, end - start);
  return counts;
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
  set: Boundaries<T>,
): Generator<[label: number, start: T, end: T]> {
  let cell = 0;
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
