import { PermanentError } from '../../runtime/errors.ts';
import type { AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { KEPT, parseEntry, rangesOfEntry } from './entry.ts';

/** What the entries of a submission stand for. */
export interface Expansion {
  set: AddressSet;
  /** Distinct, in the order of the entries. */
  names: string[];
}

export interface ExpandOptions {
  /** Whether the network and broadcast address of IPv4 networks count. @default false */
  networkAndBroadcast?: boolean;
}

/**
 * One set of addresses, and the distinct names.
 *
 * @throws PermanentError on an entry that {@link parseEntry} refuses: intake should have refused it
 */
export function expandEntries(
  typed: Iterable<string>,
  { networkAndBroadcast = false }: ExpandOptions = {},
): Expansion {
  const names = new Set<string>();
  const addresses = new AddressSetBuilder();
  for (const text of typed) {
    const parsed = parseEntry(text, KEPT);
    if (!parsed.ok) throw new PermanentError(`An entry cannot be expanded: ${parsed.problem}`);
    const { entry } = parsed;
    if (entry.kind === 'name') names.add(entry.name);
    else for (const range of rangesOfEntry(entry, { networkAndBroadcast })) addresses.add(range);
  }
  return { set: addresses.toSet(), names: [...names] };
}
