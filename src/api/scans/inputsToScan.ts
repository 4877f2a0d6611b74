import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../../adapters/submissions/submissionView.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { KEPT, parseEntry, rangesOfEntry } from '../../targets/entries/entry.ts';
import { PlacedReader } from '../../targets/entries/placedEntries.ts';
import { namesIn } from '../../targets/hostnameBuckets.ts';
import { type AddressRange, type AddressSet, has } from '../../targets/sets/addressSet.ts';
import { countUpTo, type Intervals } from '../../targets/sets/intervals.ts';

/**
 * The items of `input_to_scan` as text: one for each entry that has something to scan; a name gives one for each of
 * its accepted addresses. Some at a time, as the entries are read.
 */
export async function* inputsToScan(outcome: Outcome): AsyncGenerator<string[]> {
  const rests = await restsByName(outcome);
  const reader = new PlacedReader();
  for await (const lines of outcome.entries())
    yield [...reader.read(lines)].flatMap(({ text }) => inputsOf(text, outcome, rests));
}

/** Addresses looked at before others have their turn. */
const AT_ONCE = 2_000;

/** By name in normal form: what follows its `input`, for each of its accepted addresses. */
async function restsByName({ accepted, hostnames }: Outcome): Promise<Map<string, string[]>> {
  const rests = new Map<string, string[]>();
  let seen = 0;
  for (const [address, names] of hostnames) {
    if (++seen % AT_ONCE === 0) await setImmediate();
    if (!isAccepted(accepted, address)) continue;
    const rest = restText(`"${address}"`, names);
    for (const name of namesIn(names)) {
      const known = rests.get(name);
      if (known) known.push(rest);
      else rests.set(name, [rest]);
    }
  }
  return rests;
}

function inputsOf(
  text: string,
  { accepted, hostnames, networkAndBroadcast = false }: Outcome,
  restsOfNames: ReadonlyMap<string, readonly string[]>,
): string[] {
  // Most names are typed in their normal form: the short way for them. It needs no escapes.
  const known = restsOfNames.get(text);
  if (known !== undefined) return known.map((rest) => `{"input":"${text}",${rest}`);
  const parsed = parseEntry(text, KEPT);
  if (!parsed.ok) return [];
  const { entry } = parsed;
  const input = `{"input":${JSON.stringify(text)},`;
  if (entry.kind === 'address')
    return has(accepted, entry.address)
      ? [input + restText(`"${entry.normal}"`, hostnames.get(entry.normal))]
      : [];
  if (entry.kind === 'name') return (restsOfNames.get(entry.name) ?? []).map((rest) => input + rest);
  const scanned = rangesOfEntry(entry, { networkAndBroadcast }).some((range) => touches(range, accepted));
  return scanned ? [input + restText('null')] : [];
}

/** Of JSON texts. `scannedIp` is null for what is more than one address: a network, a range, an octet form. */
function restText(scannedIp: string, hostnames = '[]'): string {
  return `"scanned_ip":${scannedIp},"all_hostnames_for_ip":${hostnames}}`;
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

function overlaps<T extends number | bigint>(boundaries: Intervals<T>, start: T, end: T): boolean {
  const below = countUpTo(boundaries, start);
  if (below % 2 === 1) return true;
  const next = boundaries[below];
  return next !== undefined && next < end;
}
