import type { Address } from '../address/address.ts';
import type { AddressRange } from '../sets/addressSet.ts';
import { KEPT, parseEntry, rangesOfEntry } from './entry.ts';
import type { ExpandOptions } from './expandEntries.ts';
import { placedEntries } from './placedEntries.ts';

/** Ranges of an entry that is compared with others to find out which add nothing. */
const MOST_COVERING = 4_096;

/** By the number of an entry, from 0, those that hold all of its addresses too. Names have none. */
export function coveredEntries(lines: Uint8Array, options: ExpandOptions): Map<number, number[]> {
  return coveredLists(rangesByEntry(lines, options));
}

function* rangesByEntry(
  lines: Uint8Array,
  { networkAndBroadcast = false }: ExpandOptions,
): Generator<readonly AddressRange[]> {
  for (const { text } of placedEntries(new TextDecoder().decode(lines))) {
    const parsed = parseEntry(text, KEPT);
    const ranges =
      parsed.ok && parsed.entry.kind !== 'name' ? rangesOfEntry(parsed.entry, { networkAndBroadcast }) : [];
    yield ranges.length <= MOST_COVERING ? ranges : [];
  }
}

/**
 * List -> the lists that cover it, in the order of its ranges. Of two lists with the same addresses the later one is
 * covered. A list that only several others together cover counts as covered when each of its ranges lies within one of
 * them.
 */
export function coveredLists(lists: Iterable<readonly AddressRange[]>): Map<number, number[]> {
  const ranges: (AddressRange & { list: number })[] = [];
  let list = 0;
  for (const each of lists) {
    for (const { start, end } of each) if (start < end) ranges.push({ start, end, list });
    list += 1;
  }
  ranges.sort((a, b) => compare(a.start, b.start) || compare(b.end, a.end) || a.list - b.list);
  const covers = new Map<number, Set<number>>();
  const uncovered = new Set<number>();
  let widest: (typeof ranges)[number] | undefined;
  for (const range of ranges) {
    if (widest === undefined || !reaches(widest, range)) {
      uncovered.add(range.list);
      widest = range;
    } else covers.set(range.list, (covers.get(range.list) ?? new Set()).add(widest.list));
  }
  for (const each of uncovered) covers.delete(each);
  return new Map(Array.from(covers, ([covered, by]) => [covered, [...by]]));
}

/** IPv4 before IPv6, although both begin at 0. */
function compare(a: Address, b: Address): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `outer` begins no later than `inner`: does it end no earlier? */
function reaches(outer: AddressRange, inner: AddressRange): boolean {
  return typeof outer.start === typeof inner.start && outer.end >= inner.end;
}
