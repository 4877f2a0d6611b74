import type { Address } from '../address/address.ts';
import { AddressSetBuilder } from './addressSetBuilder.ts';
import {
  combine,
  contains,
  DIFFERENCE,
  INTERSECTION,
  type Intervals,
  type Kept,
  pairs,
  UNION,
} from './intervals.ts';

export { decode, encode } from './addressSetCodec.ts';

/**
 * Disjoint sorted half-open ranges as flat boundaries [start0, end0, start1, end1, ...], strictly increasing. Those of
 * IPv4 stand in a Float64Array unless there are none.
 */
export interface AddressSet {
  readonly v4: Intervals<number>;
  readonly v6: Intervals<bigint>;
}

/** Half-open: `end` is the first address that does not belong. Both of one family. */
export interface AddressRange {
  start: Address;
  end: Address;
}

export const EMPTY: AddressSet = { v4: [], v6: [] };

export function singleAddress(start: Address): AddressRange {
  return typeof start === 'number' ? { start, end: start + 1 } : { start, end: start + 1n };
}

/** Whether they have an address in common. */
export function doRangesMeet(a: AddressRange, b: AddressRange): boolean {
  return typeof a.start === typeof b.start && a.start < b.end && b.start < a.end;
}

/** The union of ranges in any order. Throws like {@link AddressSetBuilder.add}. */
export function fromRanges(ranges: Iterable<AddressRange>): AddressSet {
  const set = new AddressSetBuilder();
  for (const range of ranges) set.add(range);
  return set.toSet();
}

export function union(...sets: AddressSet[]): AddressSet {
  let all = EMPTY;
  for (const set of sets) if (!isEmpty(set)) all = isEmpty(all) ? set : both(all, set, UNION);
  return all;
}

/** The addresses of `a` that are not in `b`. */
export function subtract(a: AddressSet, b: AddressSet): AddressSet {
  return isEmpty(b) ? a : both(a, b, DIFFERENCE);
}

export function intersect(a: AddressSet, b: AddressSet): AddressSet {
  return isEmpty(a) || isEmpty(b) ? EMPTY : both(a, b, INTERSECTION);
}

function both(a: AddressSet, b: AddressSet, kept: Kept): AddressSet {
  return { v4: combine(a.v4, b.v4, kept), v6: combine(a.v6, b.v6, kept) };
}

/** O(log n) in the number of ranges. */
export function has(set: AddressSet, address: Address): boolean {
  return typeof address === 'number' ? contains(set.v4, address) : contains(set.v6, address);
}

/** How many addresses, both families together. */
export function count({ v4, v6 }: AddressSet): bigint {
  // Loops over indexes: pairs would take ten times as long.
  let sum4 = 0;
  for (let i = 0; i < v4.length; i += 2) sum4 += (v4[i + 1] as number) - (v4[i] as number);
  let sum6 = 0n;
  for (let i = 0; i < v6.length; i += 2) {
    sum6 += (v6[i + 1] as bigint) - (v6[i] as bigint);
  }
  return BigInt(sum4) + sum6;
}

export function isEmpty(set: AddressSet): boolean {
  return set.v4.length === 0 && set.v6.length === 0;
}

/** Ascending, IPv4 first. */
export function* rangesOf(set: AddressSet): Generator<AddressRange> {
  for (const [start, end] of pairs(set.v4)) yield { start, end };
  for (const [start, end] of pairs(set.v6)) yield { start, end };
}

/** Every single address, ascending, IPv4 first. Only for sets whose {@link count} is known to be small. */
export function* addressesOf(set: AddressSet): Generator<Address> {
  for (const [start, end] of pairs(set.v4)) for (let address = start; address < end; address++) yield address;
  for (const [start, end] of pairs(set.v6)) for (let address = start; address < end; address++) yield address;
}
