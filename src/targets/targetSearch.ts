/** What somebody looks for among targets: a network, an address or its beginning, or a part of a host name. */
import { parseEntry, rangesOfEntry } from './entries/entry.ts';
import { parseHostName } from './entries/hostName.ts';
import { rangesOfOctets } from './entries/octets.ts';
import type { AddressIndex } from './sets/addressIndex.ts';
import { type AddressRange, type AddressSet, EMPTY, fromRanges, rangesOf } from './sets/addressSet.ts';
import { type Intervals, merge } from './sets/intervals.ts';

export interface TargetSearch {
  /** As it was read: equal searches have equal texts. */
  text: string;
  /** The addresses that the text stands for, or that begin with it. */
  addresses: AddressSet;
  /** What a host name has to contain; undefined: the text stands for addresses alone. */
  part: string | undefined;
}

type Read = { ok: true; search: TargetSearch } | { ok: false; problem: string; suggestion?: string };

/** Whatever can be no part of a name has to be addresses, in any notation of targets; all addresses of a network count. */
export function readTargetSearch(typed: string): Read {
  const text = typed.trim().toLowerCase();
  const beginning = ipv4Beginning(text) ?? ipv6Beginning(text);
  if (beginning !== undefined) {
    const part = text.includes(':') ? undefined : text;
    return { ok: true, search: { text, addresses: fromRanges(beginning), part } };
  }
  const parsed = parseEntry(text, { allowSingleLabel: true });
  if (parsed.ok && parsed.entry.kind !== 'name') {
    const ranges = rangesOfEntry(parsed.entry, { networkAndBroadcast: true });
    return { ok: true, search: { text, addresses: fromRanges(ranges), part: undefined } };
  }
  const part = partOfName(text);
  return part === undefined && !parsed.ok
    ? parsed
    : { ok: true, search: { text, addresses: EMPTY, part: part ?? text } };
}

/** An international name is kept as punycode, of which a part can only be told of whole labels. */
function partOfName(text: string): string | undefined {
  if (/^[a-z0-9._-]+$/.test(text)) return text;
  const parsed = parseHostName(text, { allowSingleLabel: true });
  return 'problem' in parsed ? undefined : parsed.name;
}

/** `8.8.` and `8.8.1`, which begins 8.8.1.0 as well as 8.8.100.0. undefined: no address of four octets begins so. */
function ipv4Beginning(text: string): AddressRange[] | undefined {
  const octets = text.split('.');
  const open = octets.pop() ?? '';
  if (octets.length > 3 || (octets.length === 3 && open !== '') || text === '') return undefined;
  if (![...octets, open || '0'].every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255))
    return undefined;
  const all = { first: 0, last: 255 };
  const spans = open === '' ? [all] : numbersFrom(Number(open), 10, 255);
  const fixed = octets.map((octet) => [{ first: Number(octet), last: Number(octet) }]);
  return rangesOfOctets([...fixed, spans, [all], [all], [all]].slice(0, 4));
}

/** `2001:db8:`, `2001:db8::` and `2001:db8:1`. */
function ipv6Beginning(text: string): AddressRange[] | undefined {
  const open = text.replace(/::$/, ':');
  if (!/^([\da-f]{1,4}:){1,7}[\da-f]{0,4}$/.test(open)) return undefined;
  const groups = open.split(':');
  if (groups.length === 8 && groups.at(-1) !== '') return undefined;
  const last = groups.pop() ?? '';
  const base = groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  const rest = 1n << BigInt(16 * (7 - groups.length));
  const spans = last === '' ? [{ first: 0, last: 65_535 }] : numbersFrom(Number(`0x${last}`), 16, 65_535);
  return spans.map(({ first, last }) => ({
    start: (base * 65_536n + BigInt(first)) * rest,
    end: (base * 65_536n + BigInt(last) + 1n) * rest,
  }));
}

/** The numbers that begin with these digits, up to `most`. */
function numbersFrom(digits: number, radix: number, most: number): { first: number; last: number }[] {
  const spans: { first: number; last: number }[] = [];
  for (let size = 1; digits * size <= most; size *= radix) {
    spans.push({ first: digits * size, last: Math.min(most, (digits + 1) * size - 1) });
    if (digits === 0) break;
  }
  return spans;
}

/** Where in an index the addresses of a set stand: as ranges of numbers, however many addresses those are. */
export function placesIn({ below }: AddressIndex, set: AddressSet): Intervals<number> {
  const places = [...rangesOf(set)]
    .map(({ start, end }): [number, number] => [below(start), below(end)])
    .filter(([start, end]) => start < end);
  return merge(
    places.map(([start]) => start),
    places.map(([, end]) => end),
  );
}

/** The same of numbers, ascending. */
export function placesOf(indexes: readonly number[]): Intervals<number> {
  return merge(
    indexes,
    indexes.map((index) => index + 1),
  );
}
