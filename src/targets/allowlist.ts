import { type AddressRange, type AddressSet, fromRanges } from './addressSet.ts';
import { parseEntry } from './entry.ts';
import { parseNetwork, wholeRange } from './network.ts';

/**
 * The set that a list of addresses and networks allows. Of a network every address counts, network and broadcast
 * address included: somebody may name one of them as a target.
 *
 * @throws Error naming the item that is neither an address nor a network
 */
export function allowlistOf(items: readonly string[]): AddressSet {
  return fromRanges(items.map(rangeOf));
}

function rangeOf(item: string): AddressRange {
  const [left = '', right] = item.split('/');
  if (right !== undefined) {
    const network = parseNetwork(left, right);
    if ('problem' in network) throw new Error(`"${item}": ${network.problem}`);
    return wholeRange(network);
  }
  const result = parseEntry(item);
  if (!result.ok) throw new Error(`"${item}": ${result.problem}`);
  if (result.entry.kind !== 'address') throw new Error(`"${item}" is neither an address nor a network`);
  const { address: start } = result.entry;
  return typeof start === 'number' ? { start, end: start + 1 } : { start, end: start + 1n };
}
