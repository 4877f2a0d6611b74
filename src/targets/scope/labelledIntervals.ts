/**
 * Ranges that say which rule they come from. They may overlap; each address belongs to the lowest label that covers
 * it. So "which rule refused this address?" and "how many did each rule refuse?" need no list of addresses.
 */
import type { Address } from '../address/address.ts';
import { Uint32List } from '../address/uint32List.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { countUpTo, distinct, type Intervals, sortBigints } from '../sets/intervals.ts';

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

/**
 * A lower label wins where ranges overlap. O(n log n) in the number of ranges. Throws like {@link AddressSetBuilder.add}.
 */
export function labelRanges(
  ranges: Iterable<readonly [label: number, range: AddressRange]>,
): LabelledIntervals {
  const added = new AddressSetBuilder();
  const [labels4, labels6] = [new Uint32List(), new Uint32List()];
  for (const [label, range] of ranges) {
    if (range.start >= range.end) continue;
    added.add(range);
    (typeof range.start === 'number' ? labels4 : labels6).push(label);
  }
  const [v4, v6] = [added.v4(), added.v6()];
  const cuts4 = new Float64Array(2 * v4.starts.length);
  cuts4.set(v4.starts);
  cuts4.set(v4.ends, v4.starts.length);
  const cuts6 = sortBigints([...v6.starts, ...v6.ends]);
  return {
    v4: flatten<number>(v4, labels4.view(), distinct(cuts4.sort())),
    v6: flatten<bigint>(
      v6,
      labels6.view(),
      cuts6.filter((value, i) => value !== cuts6[i - 1]),
    ),
  };
}

/**
 * Every start and end is a cut. In the order of the labels each range takes the cells that are still free; `next`
 * leaps over those that are taken, so each cell is taken once, however much the ranges overlap.
 */
function flatten<T extends number | bigint>(
  { starts, ends }: { starts: ArrayLike<T>; ends: ArrayLike<T> },
  labels: Uint32Array,
  cuts: Intervals<T>,
): Cells<T> {
  const owners = new Int32Array(cuts.length).fill(NOBODY);
  const next = new Uint32Array(cuts.length);
  for (let cell = 0; cell < next.length; cell++) next[cell] = cell;
  for (const i of inOrder(labels)) {
    const end = cellAt(cuts, ends[i] as T);
    let cell = free(next, cellAt(cuts, starts[i] as T));
    while (cell < end) {
      owners[cell] = labels[i] as number;
      next[cell] = cell + 1;
      cell = free(next, cell + 1);
    }
  }
  return { cuts, owners };
}

/** The indexes of the labels by ascending label. A number holds both, because a sort that calls back takes long. */
function* inOrder(labels: Uint32Array): Generator<number> {
  const keys = new Float64Array(labels);
  for (let i = 0; i < keys.length; i++) keys[i] = (keys[i] as number) * keys.length + i;
  for (const key of keys.sort()) yield key % keys.length;
}

function cellAt<T extends number | bigint>(cuts: Intervals<T>, value: T): number {
  return countUpTo(cuts, value) - 1;
}

/** The first free cell from `cell` on. It shortens the way for the next one who asks. */
function free(next: Uint32Array, cell: number): number {
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

/** Counts the addresses of a piece. */
export function addTo(counts: Map<number, bigint>, label: number, { start, end }: AddressRange): void {
  counts.set(label, (counts.get(label) ?? 0n) + BigInt(end) - BigInt(start));
}

/** How many addresses of the set belong to each label; labels without any are missing. O(n + m). */
export function countByLabel(labelled: LabelledIntervals, set: AddressSet): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  eachPiece(labelled, set, (label, range) => addTo(counts, label, range));
  return counts;
}

export type TakePiece = (label: number, range: AddressRange) => void;

/** What the set and the labelled ranges share, piece by piece. Called back: iterators take four times as long. */
export function eachPiece({ v4, v6 }: LabelledIntervals, set: AddressSet, take: TakePiece): void {
  eachOf(v4, set.v4, take);
  eachOf(v6, set.v6, take);
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

function eachOf<T extends number | bigint>(
  { cuts, owners }: Cells<T>,
  set: Intervals<T>,
  take: TakePiece,
): void {
  const first = set[0];
  if (first === undefined) return;
  // The way to the first piece is a search: a set is often one address, beside 100,000 cells.
  let cell = Math.max(0, cellAt(cuts, first));
  for (let i = 0; i + 1 < set.length; i += 2) {
    const [start, end] = [set[i] as T, set[i + 1] as T];
    while (cell + 1 < cuts.length && (cuts[cell + 1] as T) <= start) cell++;
    for (let at = cell; at + 1 < cuts.length && (cuts[at] as T) < end; at++) {
      const owner = owners[at] as number;
      if (owner === NOBODY) continue;
      const [from, to] = [cuts[at] as T, cuts[at + 1] as T];
      take(owner, { start: later(from, start), end: earlier(to, end) });
    }
  }
}
