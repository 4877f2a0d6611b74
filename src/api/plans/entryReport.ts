/** What a plan says about each entry. */

import type { Outcome } from '../../adapters/submissions/submissionView.ts';
import type { RefusalDetail } from '../../model/refusal.ts';
import type { Unanswered } from '../../model/resolution.ts';
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

/** Rules that are named for one entry; what they refused beyond them is summed up. */
const RULES_NAMED = 5;
/** Entries that are named as covering another one. */
const COVERS_NAMED = 5;

interface Place {
  entry: string;
  /** Index in `hosts`, from 0; the others from 1. */
  item: number;
  line: number;
  column: number;
}

export interface EntryReport extends Place {
  kind: Entry['kind'];
  /** Addresses that it stands for. A number up to 2^53, beyond it the digits as text. */
  addresses: number | string;
  /** How many of them a run would scan. */
  accepted: number | string;
  /** Of a name: what it resolved to. */
  name?: {
    addresses: string[];
    chain: string[];
    ttl_s?: number;
    failure?: string;
    /** Of `ip_version` any: the family that DNS did not tell, and why. */
    unanswered?: Unanswered;
    wildcard?: true;
  };
  refused: { reason: string; detail: RefusalDetail | null; count: number | string }[];
  /** Entries that hold all of its addresses too. */
  covered_by?: Place[];
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

/** One report for each entry, in their order, some at a time. */
export async function* entryReports(sources: ReportSources): AsyncGenerator<EntryReport[]> {
  const { outcome } = sources;
  const names = new Map(sources.resolved);
  const accepted = { set: outcome.accepted, counts: addressIndex(outcome.accepted) };
  const refused = outcome.refused.map((each) => ({ ...each, counts: addressIndex(each.set) }));
  const places: PlacedEntry[] = [];
  const reader = new PlacedReader();
  for await (const lines of outcome.entries()) {
    sources.signal.throwIfAborted();
    for (const placed of reader.read(lines)) if (places.push(placed) === MOST_PLACES) break;
    if (places.length === MOST_PLACES) break;
  }
  function reportOf(placed: PlacedEntry, index: number): EntryReport[] {
    const entry = parsed(placed);
    if (entry === undefined) return [];
    const name = entry.kind === 'name' ? names.get(entry.name) : undefined;
    const ranges = name === undefined ? rangesOf(placed, outcome) : rangesOfName(name);
    const acceptedOf = within(accepted, ranges);
    const rows: EntryReport['refused'] = [];
    for (const each of refused)
      if (within(each, ranges) > 0n)
        rows.push(...whyRefused(each.reason, part(each.set, ranges), sources.scope));
    const covered = sources.covered.get(index)?.slice(0, COVERS_NAMED);
    return [
      {
        ...placeOf(placed),
        kind: entry.kind,
        addresses: shown(ranges.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start), 0n)),
        accepted: shown(acceptedOf),
        ...(name && { name: nameReport(name) }),
        refused: [...rows, ...(name && 'failure' in name ? [unresolved(name.failure)] : [])],
        ...(covered && { covered_by: covered.flatMap((at) => (places[at] ? [placeOf(places[at])] : [])) }),
      },
    ];
  }
  for (let start = 0; start < places.length; start += PER_SLICE) {
    const slice: EntryReport[] = [];
    for (const [at, placed] of places.slice(start, start + PER_SLICE).entries())
      slice.push(...reportOf(placed, start + at));
    yield slice;
  }
}

/** How many addresses of the ranges are in a set. Each of a few is looked up, many are compared in one pass. */
function within(
  { set, counts }: { set: AddressSet; counts: AddressIndex },
  ranges: readonly AddressRange[],
): bigint {
  if (ranges.length <= FEW_RANGES) return ranges.reduce((sum, range) => sum + counts.within(range), 0n);
  return count(part(set, ranges));
}

const FEW_RANGES = 64;

const PER_SLICE = 64;
/** An answer lists no more; also the covering entry is looked for among them. */
const MOST_PLACES = 65_536 + 1;

function parsed({ text }: PlacedEntry): Entry | undefined {
  const result = parseEntry(text, KEPT);
  return result.ok ? result.entry : undefined;
}

function rangesOf(placed: PlacedEntry, { networkAndBroadcast = false }: Outcome): readonly AddressRange[] {
  const entry = parsed(placed);
  return entry === undefined || entry.kind === 'name' ? [] : rangesOfEntry(entry, { networkAndBroadcast });
}

function rangesOfName(resolution: ResolvedName[1]): AddressRange[] {
  if ('failure' in resolution) return [];
  return resolution.addresses.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [singleAddress(address)];
  });
}

function part(set: AddressSet, ranges: readonly AddressRange[]): AddressSet {
  return intersect(set, fromRanges(ranges));
}

function whyRefused(reason: string, set: AddressSet, scope: Scope): EntryReport['refused'] {
  if (reason === 'forbidden' || reason === 'private_ip') {
    const parts = { forbidden: EMPTY, private_ip: EMPTY, [reason]: set };
    const rows = scope.breakdown(parts, RULES_NAMED);
    return rows.map((row) => ({ ...row, count: shown(row.count) }));
  }
  return [{ reason, detail: null, count: shown(count(set)) }];
}

function nameReport(resolution: ResolvedName[1]): NonNullable<EntryReport['name']> {
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

function unresolved(failure: string): EntryReport['refused'][number] {
  return { reason: 'unresolvable', detail: { rule: 'dns', source: 'DNS', entry: failure }, count: 1 };
}

function placeOf({ text, item, line, column }: PlacedEntry): Place {
  return { entry: text, item, line, column };
}

/** A number as long as it is exact, beyond that the digits as text. */
export function shown(size: bigint): number | string {
  return size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : size.toString();
}
