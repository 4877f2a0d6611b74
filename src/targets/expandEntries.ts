import { GiveUpError } from '../errors.ts';
import type { AddressRange, AddressSet } from './addressSet.ts';
import { fromRanges } from './addressSet.ts';
import { parseEntry } from './entry.ts';

/**
 * What the entries of a submission stand for: one set of addresses, and the distinct names, in their order.
 * Throws GiveUpError on an entry that {@link parseEntry} refuses: intake should have refused it.
 */
export function expandEntries(typed: Iterable<string>): { set: AddressSet; names: string[] } {
  const names = new Set<string>();
  const ranges: AddressRange[] = [];
  for (const text of typed) {
    const parsed = parseEntry(text);
    if (!parsed.ok) throw new GiveUpError(`An entry cannot be expanded: ${parsed.problem}`);
    const { entry } = parsed;
    if (entry.kind === 'name') names.add(entry.name);
    else if (entry.kind === 'network') ranges.push(entry.range);
    else if (typeof entry.address === 'number') ranges.push({ start: entry.address, end: entry.address + 1 });
    else ranges.push({ start: entry.address, end: entry.address + 1n });
  }
  return { set: fromRanges(ranges), names: [...names] };
}
