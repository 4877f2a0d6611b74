import { type AddressRange, count, fromRanges } from '../targets/addressSet.ts';
import { type Entry, parseEntry } from '../targets/entry.ts';
import type { Problems } from './problems.ts';

/** The request's `hosts`, read. */
export interface EntryList {
  /** The distinct entries as typed, in their order, joined by line feeds. */
  entries: string;
  duplicatesRemoved: number;
  /** How many of the distinct entries are host names. */
  names: number;
  /** Addresses of all networks and addresses together, and one for each name. */
  targets: bigint;
}

/** Reads every entry, drops those equal to an earlier one in normal form; each bad one goes to `problems`. */
export function readEntryList(hosts: readonly unknown[], problems: Problems): EntryList {
  const seen = new Set<string>();
  const distinct: string[] = [];
  const ranges: AddressRange[] = [];
  let names = 0;
  let duplicatesRemoved = 0;
  hosts.forEach((typed, index) => {
    const read = readEntry(typed);
    if (!read.ok) {
      problems.add({ ...read.problem, loc: ['body', 'hosts', index], input: typed });
    } else if (seen.has(read.entry.normal)) {
      duplicatesRemoved += 1;
    } else {
      seen.add(read.entry.normal);
      distinct.push(read.typed);
      if (read.entry.kind === 'name') names += 1;
      else ranges.push(rangeOf(read.entry));
    }
  });
  return {
    entries: distinct.join('\n'),
    duplicatesRemoved,
    names,
    targets: count(fromRanges(ranges)) + BigInt(names),
  };
}

type ReadEntry =
  | { ok: true; entry: Entry; typed: string }
  | { ok: false; problem: { type: string; msg: string } };

function readEntry(typed: unknown): ReadEntry {
  if (typeof typed !== 'string')
    return { ok: false, problem: { type: 'string_type', msg: 'Input should be a valid string' } };
  const result = parseEntry(typed);
  if (result.ok) return { ok: true, entry: result.entry, typed };
  const meant = result.suggestion === undefined ? '' : `; did you mean ${result.suggestion}?`;
  return { ok: false, problem: { type: 'value_error', msg: `${result.problem}${meant}` } };
}

function rangeOf(entry: Exclude<Entry, { kind: 'name' }>): AddressRange {
  if (entry.kind === 'network') return entry.range;
  return typeof entry.address === 'number'
    ? { start: entry.address, end: entry.address + 1 }
    : { start: entry.address, end: entry.address + 1n };
}
