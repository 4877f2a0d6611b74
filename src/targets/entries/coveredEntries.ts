import { Coverage } from '../sets/coverage.ts';
import { KEPT, parseEntry, rangesOfEntry } from './entry.ts';
import type { ExpandOptions } from './expandEntries.ts';
import { placedEntries } from './placedEntries.ts';

/** Ranges of an entry that is compared with others to find out which add nothing. */
const MOST_COVERING = 4_096;

/** By the number of an entry, from 0, those that hold all of its addresses too. Names have none. */
export function coveredEntries(
  lines: Uint8Array,
  { networkAndBroadcast = false }: ExpandOptions,
): Map<number, number[]> {
  const coverage = new Coverage();
  let number = 0;
  for (const { text } of placedEntries(new TextDecoder().decode(lines))) {
    const parsed = parseEntry(text, KEPT);
    const ranges =
      parsed.ok && parsed.entry.kind !== 'name' ? rangesOfEntry(parsed.entry, { networkAndBroadcast }) : [];
    coverage.add(number++, ranges.length <= MOST_COVERING ? ranges : []);
  }
  return coverage.covered();
}
