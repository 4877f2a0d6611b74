import type { Outcome } from '../adapters/submissionView.ts';
import { parseAddress } from '../targets/address.ts';
import { type AddressRange, type AddressSet, has } from '../targets/addressSet.ts';
import { countUpTo } from '../targets/boundaries.ts';
import { parseEntry, rangesOfEntry } from '../targets/entry.ts';
import { placedEntries } from '../targets/placedEntries.ts';

/** What became of one entry. */
export interface InputToScan {
  /** The entry as typed. */
  input: string;
  /** null for what is more than one address: a network, a range, an octet form. */
  scanned_ip: string | null;
  all_hostnames_for_ip: string[];
}

/**
 * One item for each entry that has something to scan: a name gives one for each of its
 * accepted addresses. Yields undefined in between, so that whoever reads can rest also where nothing is to be listed.
 */
export function* inputsToScan(outcome: Outcome): Generator<InputToScan | undefined> {
  const { accepted, hostnames, networkAndBroadcast = false } = outcome;
  const addressesOfName = new Map<string, string[]>();
  for (const [address, names] of hostnames) {
    yield undefined;
    if (!isAccepted(accepted, address)) continue;
    for (const name of names) addressesOfName.set(name, [...(addressesOfName.get(name) ?? []), address]);
  }
  const item = (input: string, ip: string): InputToScan => {
    return { input, scanned_ip: ip, all_hostnames_for_ip: hostnames.get(ip) ?? [] };
  };
  for (const { text } of placedEntries(outcome.entries)) {
    yield undefined;
    const parsed = parseEntry(text, { allowSingleLabel: true });
    if (!parsed.ok) continue;
    const { entry } = parsed;
    if (entry.kind === 'address') {
      if (has(accepted, entry.address)) yield item(text, entry.normal);
    } else if (entry.kind === 'name') {
      for (const address of addressesOfName.get(entry.name) ?? []) yield item(text, address);
    } else if (rangesOfEntry(entry, { networkAndBroadcast }).some((range) => touches(range, accepted))) {
      yield { input: text, scanned_ip: null, all_hostnames_for_ip: [] };
    }
  }
}

function isAccepted(accepted: AddressSet, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && has(accepted, address);
}

/** Whether any address of the range is in the set. O(log n): there may be many networks and many ranges. */
function touches({ start, end }: AddressRange, set: AddressSet): boolean {
  return typeof start === 'number'
    ? overlaps(set.v4, start, Number(end))
    : overlaps(set.v6, start, BigInt(end));
}

function overlaps<T extends number | bigint>(boundaries: readonly T[], start: T, end: T): boolean {
  const below = countUpTo(boundaries, start);
  if (below % 2 === 1) return true;
  const next = boundaries[below];
  return next !== undefined && next < end;
}
