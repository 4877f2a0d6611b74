import { formatAddress } from '../address/address.ts';
import { formatNetwork } from '../address/network.ts';
import type { AddressSet } from './addressSet.ts';
import { pairs } from './intervals.ts';

/**
 * The ranges of a set as people write them, ascending, IPv4 first: `8.8.8.8`, `8.8.8.0/24` where a range is exactly
 * one network, else `8.8.8.1-8.8.8.254`. Lazy, since a set may have a million ranges.
 *
 * Read back with every address of a network counting, they give the same set. The exception is the block
 * `::ffff:0:0/96`: its texts are read as IPv4 addresses. No target lies there, as the registries close it.
 */
export function* formatRanges(set: AddressSet): Generator<string> {
  for (const [start, end] of pairs(set.v4)) {
    const prefix = 32 - Math.log2(end - start);
    if (prefix === 32) yield formatAddress(start);
    else if (Number.isInteger(prefix) && start % (end - start) === 0)
      yield formatNetwork({ base: start, prefix });
    else yield `${formatAddress(start)}-${formatAddress(end - 1)}`;
  }
  for (const [start, end] of pairs(set.v6)) {
    const size = end - start;
    if (size === 1n) yield formatAddress(start);
    else if ((size & (size - 1n)) === 0n && start % size === 0n)
      yield formatNetwork({ base: start, prefix: 129 - size.toString(2).length });
    else yield `${formatAddress(start)}-${formatAddress(end - 1n)}`;
  }
}
