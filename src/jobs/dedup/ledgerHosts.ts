import type { Ledger, NamedHost } from '../../adapters/scanledger/scanledger.ts';
import { formatAddress } from '../../targets/address/address.ts';
import { type AddressSet, EMPTY, has, singleAddress, union } from '../../targets/sets/addressSet.ts';
import { AddressSetBuilder } from '../../targets/sets/addressSetBuilder.ts';

/** Addresses that are collected before they become part of the set: a ledger may tell one again and again. */
const COLLECTED = 2 ** 18;

/**
 * The addresses of `wanted` that the ledger has a record of, and the records that lack a host name we found.
 * Reads the ledger page by page; only what concerns `wanted` is kept.
 */
export async function ledgerHosts(
  ledger: Ledger,
  project: string,
  wanted: AddressSet,
  namesOf: (ip: string) => readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ known: AddressSet; merges: NamedHost[] }> {
  let known = EMPTY;
  let collected = 0;
  let collector = new AddressSetBuilder();
  const together = () => union(known, collector.toSet());
  const merges = new Map<string, NamedHost>();
  for await (const page of ledger.knownHosts(project, signal)) {
    for (const { address, hostnames: recorded } of page) {
      if (!has(wanted, address)) continue;
      collector.add(singleAddress(address));
      collected += 1;
      const ip = formatAddress(address);
      const missing = new Set(namesOf(ip));
      for (const name of recorded) missing.delete(name.toLowerCase());
      if (missing.size > 0) merges.set(ip, { ip, hostnames: [...missing] });
    }
    if (collected < COLLECTED) continue;
    known = together();
    collector = new AddressSetBuilder();
    collected = 0;
  }
  return { known: together(), merges: [...merges.values()] };
}
