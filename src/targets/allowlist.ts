import { type AddressSet, fromRanges } from './addressSet.ts';
import { parseEntry, rangesOfEntry } from './entry.ts';

/**
 * The set that a list of addresses, networks and ranges allows. Of a network every address counts, network and
 * broadcast address included: somebody may name one of them as a target.
 *
 * @throws Error naming the item that is none of these
 */
export function allowlistOf(items: readonly string[]): AddressSet {
  return fromRanges(
    items.flatMap((item) => {
      const result = parseEntry(item);
      if (!result.ok) throw new Error(`"${item}": ${result.problem}`);
      const { entry } = result;
      if (entry.kind === 'name') throw new Error(`"${item}" is neither an address nor a network`);
      return rangesOfEntry(entry, { networkAndBroadcast: true });
    }),
  );
}
