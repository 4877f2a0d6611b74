import { namesIn } from '../adapters/hostnameLists.ts';
import type { Outcome } from '../adapters/submissionView.ts';
import { parseAddress } from '../targets/address.ts';
import { type AddressRange, type AddressSet, has } from '../targets/addressSet.ts';
import { type Boundaries, countUpTo } from '../targets/boundaries.ts';
import { parseEntry, rangesOfEntry } from '../targets/entry.ts';
import { PlacedReader } from '../targets/placedEntries.ts';
import { inTurns } from '../turns.ts';

/**
 * The items of `input_to_scan` as text: one for each entry that has something to scan; a name gives one for each of
 * its accepted addresses. Some at a time, as the entries are read.
 */
export async function* inputsToScan(outcome: Outcome): AsyncGenerator<string[]> {
  const addressesOfName = await inTurns(acceptedByName(outcome));
  const reader = new PlacedReader();
  for await (const lines of outcome.entries())
    yield [...reader.read(lines)].flatMap(({ text }) => inputsOf(text, outcome, addressesOfName));
}

const NAMES_PER_STEP = 500;

function* acceptedByName({ accepted, hostnames }: Outcome): Generator<undefined, Map<string, string[]>> {
  const addresses = new Map<string, string[]>();
  let seen = 0;
  for (const [address, names] of hostnames) {
    if (++seen % NAMES_PER_STEP === 0) yield;
    if (!isAccepted(accepted, address)) continue;
    for (const name of namesIn(names)) {
      const known = addresses.get(name);
      if (known) known.push(address);
      else addresses.set(name, [address]);
    }
  }
  return addresses;
}

function inputsOf(
  text: string,
  { accepted, hostnames, networkAndBroadcast = false }: Outcome,
  addressesOfName: ReadonlyMap<string, readonly string[]>,
): string[] {
  const item = (ip: string) => itemText(text, `"${ip}"`, hostnames.get(ip));
  const parsed = parseEntry(text, { allowSingleLabel: true });
  if (!parsed.ok) return [];
  const { entry } = parsed;
  if (entry.kind === 'address') return has(accepted, entry.address) ? [item(entry.normal)] : [];
  if (entry.kind === 'name') return (addressesOfName.get(entry.name) ?? []).map(item);
  const scanned = rangesOfEntry(entry, { networkAndBroadcast }).some((range) => touches(range, accepted));
  return scanned ? [itemText(text, 'null')] : [];
}

/** `scannedIp` is null for what is more than one address: a network, a range, an octet form. */
function itemText(input: string, scannedIp: string, hostnames = '[]'): string {
  return `{"input":${JSON.stringify(input)},"scanned_ip":${scannedIp},"all_hostnames_for_ip":${hostnames}}`;
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

function overlaps<T extends number | bigint>(boundaries: Boundaries<T>, start: T, end: T): boolean {
  const below = countUpTo(boundaries, start);
  if (below % 2 === 1) return true;
  const next = boundaries[below];
  return next !== undefined && next < end;
}
