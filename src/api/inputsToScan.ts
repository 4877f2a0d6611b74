import type { Outcome } from '../adapters/submissionView.ts';
import { parseAddress } from '../targets/address.ts';
import { type AddressRange, type AddressSet, has } from '../targets/addressSet.ts';
import { countUpTo } from '../targets/boundaries.ts';
import { parseEntry } from '../targets/entry.ts';

/** What became of one entry. */
export interface InputToScan {
  /** The entry as typed. */
  input: string;
  /** null for a network. */
  scanned_ip: string | null;
  all_hostnames_for_ip: string[];
}

/**
 * One item for each entry that has something to scan: an address or a network gives one, a name one for each of its
 * accepted addresses. Yields undefined in between, so that whoever reads can rest also where nothing is to be listed.
 */
export function* inputsToScan(outcome: Outcome): Generator<InputToScan | undefined> {
  const { accepted, hostnames } = outcome;
  const addressesOfName = new Map<string, string[]>();
  for (const [address, names] of hostnames) {
    yield undefined;
    if (!isAccepted(accepted, address)) continue;
    for (const name of names) addressesOfName.set(name, [...(addressesOfName.get(name) ?? []), address]);
  }
  const item = (input: string, ip: string): InputToScan => {
    return { input, scanned_ip: ip, all_hostnames_for_ip: hostnames.get(ip) ?? [] };
  };
  for (const typed of lines(outcome.entries)) {
    yield undefined;
    const parsed = parseEntry(typed);
    if (!parsed.ok) continue;
    const { entry } = parsed;
    if (entry.kind === 'network') {
      if (touches(entry.range, accepted)) yield { input: typed, scanned_ip: null, all_hostnames_for_ip: [] };
    } else if (entry.kind === 'address') {
      if (has(accepted, entry.address)) yield item(typed, entry.normal);
    } else {
      for (const address of addressesOfName.get(entry.name) ?? []) yield item(typed, address);
    }
  }
}

function isAccepted(accepted: AddressSet, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && has(accepted, address);
}

/** Without a list of a million lines beside the text. */
function* lines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    yield text.slice(start, stop);
    start = stop + 1;
  }
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
