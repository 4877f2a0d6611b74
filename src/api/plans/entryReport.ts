/** What a plan says about each entry. */

import type { Outcome } from '../../adapters/submissions/submissionView.ts';
import type { RefusalDetail } from '../../model/refusal.ts';
import type { ResolvedName } from '../../model/submission.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { type Entry, KEPT, parseEntry, rangesOfEntry } from '../../targets/entries/entry.ts';
import { type PlacedEntry, PlacedReader } from '../../targets/entries/placedEntries.ts';
import type { Scope } from '../../targets/scope/scope.ts';
import { type AddressIndex, addressIndex } from '../../targets/sets/addressIndex.ts';
import {
  type AddressRange,
  type AddressSet,
  count,
  EMPTY,
  fromRanges,
  intersect,
  singleAddress,
} from '../../targets/sets/addressSet.ts';
import { inPages } from '../http/jsonStream.ts';
import { LISTED_TARGETS } from '../scans/scanAnswer.ts';

/** Rules that are named for one entry; what they refused beyond them is summed up. */
const RULES_NAMED = 5;
/** Entries that are named as covering another one. */
const COVERS_NAMED = 5;
const FEW_RANGES = 64;
const PER_PAGE = 64;

interface Refusal {
  reason: string;
  detail: RefusalDetail | null;
  count: number | string;
}

export interface ReportSources {
  outcome: Outcome;
  resolved: readonly ResolvedName[];
  scope: Scope;
  /** By the number of an entry, from 0, those that hold all of its addresses too. */
  covered: ReadonlyMap<number, readonly number[]>;
  /** Aborted: nobody wants the report any more. */
  signal: AbortSignal;
}

/** One report for each entry, in their order, some at a time; planSchema says what is in it. */
export async function* entryReports(sources: ReportSources): AsyncGenerator<object[]> {
  const { outcome, scope } = sources;
  const names = new Map(sources.resolved);
  const accepted = { set: outcome.accepted, counts: addressIndex(outcome.accepted) };
  const refused = outcome.refused.map((each) => ({ ...each, counts: addressIndex(each.set) }));
  const places = await firstPlaces(sources);
  const reportOf = (placed: PlacedEntry, index: number) => {
    const parsed = parseEntry(placed.text, KEPT);
    if (!parsed.ok) return undefined;
    const { entry } = parsed;
    const name = entry.kind === 'name' ? names.get(entry.name) : undefined;
    const ranges = rangesOf(entry, name, outcome);
    const rows = refused
      .filter((each) => within(each, ranges) > 0n)
      .flatMap(({ reason, set }) => whyRefused(reason, part(set, ranges), scope));
    const covered = sources.covered.get(index)?.slice(0, COVERS_NAMED);
    return {
      ...placeOf(placed),
      kind: entry.kind,
      addresses: shown(ranges.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start), 0n)),
      accepted: shown(within(accepted, ranges)),
      ...(name && { name: nameReport(name) }),
      refused: [...rows, ...(name && 'failure' in name ? [unresolved(name.failure)] : [])],
      ...(covered && { covered_by: covered.flatMap((at) => (places[at] ? [placeOf(places[at])] : [])) }),
    };
  };
  function* reports() {
    for (const [index, placed] of places.entries()) yield reportOf(placed, index);
  }
  yield* inPages<object>(reports(), PER_PAGE);
}

/** The entries that an answer may list; the covering ones are looked for among them, too. */
async function firstPlaces({ outcome, signal }: ReportSources): Promise<PlacedEntry[]> {
  const places: PlacedEntry[] = [];
  const reader = new PlacedReader();
  for await (const lines of outcome.entries()) {
    signal.throwIfAborted();
    for (const placed of reader.read(lines)) if (places.push(placed) > LISTED_TARGETS) return places;
  }
  return places;
}

/** How many addresses of the ranges are in a set. Each of a few is looked up, many are compared in one pass. */
function within(
  { set, counts }: { set: AddressSet; counts: AddressIndex },
  ranges: readonly AddressRange[],
): bigint {
  if (ranges.length <= FEW_RANGES) return ranges.reduce((sum, range) => sum + counts.within(range), 0n);
  return count(part(set, ranges));
}

function rangesOf(
  entry: Entry,
  name: ResolvedName[1] | undefined,
  { networkAndBroadcast = false }: Outcome,
): readonly AddressRange[] {
  if (entry.kind !== 'name') return rangesOfEntry(entry, { networkAndBroadcast });
  if (name === undefined || 'failure' in name) return [];
  const addresses = name.addresses.map(parseAddress).filter((address) => address !== undefined);
  return addresses.map(singleAddress);
}

function part(set: AddressSet, ranges: readonly AddressRange[]): AddressSet {
  return intersect(set, fromRanges(ranges));
}

function whyRefused(reason: string, set: AddressSet, scope: Scope): Refusal[] {
  if (reason === 'forbidden' || reason === 'private_ip') {
    const parts = { forbidden: EMPTY, private_ip: EMPTY, [reason]: set };
    const rows = scope.breakdown(parts, RULES_NAMED);
    return rows.map((row) => ({ ...row, count: shown(row.count) }));
  }
  return [{ reason, detail: null, count: shown(count(set)) }];
}

function nameReport(resolution: ResolvedName[1]): object {
  const { chain } = resolution;
  return 'failure' in resolution
    ? { addresses: [], chain, failure: resolution.failure }
    : {
        addresses: resolution.addresses,
        chain,
        ttl_s: resolution.ttlS,
        ...(resolution.unanswered && { unanswered: resolution.unanswered }),
        ...(resolution.wildcard && { wildcard: true }),
      };
}

function unresolved(failure: string): Refusal {
  return { reason: 'unresolvable', detail: { rule: 'dns', source: 'DNS', entry: failure }, count: 1 };
}

function placeOf({ text, item, line, column }: PlacedEntry): object {
  return { entry: text, item, line, column };
}

/** A number as long as it is exact, beyond that the digits as text. */
export function shown(size: bigint): number | string {
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : size.toString();
}
