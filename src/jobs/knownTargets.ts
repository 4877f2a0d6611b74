import type { KnownHost, Ledger } from '../adapters/scanledger.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address.ts';
import { type AddressSet, has } from '../targets/addressSet.ts';
import { inTurns } from '../turns.ts';
import { setInSteps } from './foundTargets.ts';

/**
 * The addresses of `wanted` that the ledger has a record of, and the records that lack a host name we found.
 * Reads the ledger page by page; only what concerns `wanted` is kept.
 */
export async function knownTargets(
  ledger: Ledger,
  project: string,
  wanted: AddressSet,
  hostnames: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<{ known: AddressSet; merges: KnownHost[] }> {
  const known: Address[] = [];
  const merges: KnownHost[] = [];
  for await (const page of ledger.knownHosts(project, signal)) {
    for (const host of page) {
      const address = parseAddress(host.ip);
      if (address === undefined || !has(wanted, address)) continue;
      known.push(address);
      const recorded = new Set(host.hostnames.map((name) => name.toLowerCase()));
      const ip = formatAddress(address);
      const missing = (hostnames.get(ip) ?? []).filter((name) => !recorded.has(name));
      if (missing.length > 0) merges.push({ ip, hostnames: missing });
    }
  }
  return { known: await inTurns(setInSteps(known)), merges };
}
