import type { Address } from '../address/address.ts';
import { formatAddress, parseAddress } from '../address/address.ts';
import { formatRange, looksLikeRange, parseRange } from '../address/addressRange.ts';
import { formatNetwork, type Network, parseNetwork, usableHosts, wholeRange } from '../address/network.ts';
import { type AddressRange, doRangesMeet, singleAddress } from '../sets/addressSet.ts';
import { describeBadIpv4 } from './badAddress.ts';
import { endsInNumber, isPlainName, parseHostName } from './hostName.ts';
import type { BadText } from './leadingZero.ts';
import { describeForeign } from './listMarks.ts';
import {
  closed,
  countRanges,
  firstInOctets,
  formatOctets,
  type Octets,
  parseOctets,
  rangesOfOctets,
} from './octets.ts';
import { describeUnusual } from './unusualText.ts';

/** One item of a list of targets, understood. Equal entries have equal `normal` texts. */
export type Entry =
  | { kind: 'address'; address: Address; normal: string }
  /** What of it counts is decided by {@link rangesOfEntry}. `normal`: `8.8.8.0/24`, without host bits. */
  | { kind: 'network'; network: Network; normal: string }
  /** `a.b.c.d-e.f.g.h`, `a.b.c.10-50`, IPv6 ranges, and octet forms that come to one range. */
  | { kind: 'range'; range: AddressRange; normal: string }
  /** `10.0-3.*.1,5,9`. `rangeCount`: how many {@link rangesOfEntry} makes, for a few characters may stand for 65,536. */
  | { kind: 'octets'; octets: Octets; rangeCount: number; normal: string }
  /** `name`: lower-case ASCII without a trailing dot. */
  | { kind: 'name'; name: string; normal: string };

/** `problem` is a clause for people; `suggestion` is there where it is clear what was meant. */
export type EntryResult = { ok: true; entry: Entry } | Refused;
type Refused = { ok: false; problem: string; suggestion?: string };

export interface EntryOptions {
  /** Whether a name may be a single label (`intranet`). @default false */
  allowSingleLabel?: boolean;
  /** Whether it was accepted before, perhaps by an earlier version, which took open octets (`10-`, `-5`). @default false */
  kept?: boolean;
}

/** For what is kept and read again: an exclusion that could not be read any more would stop every scan. */
export const KEPT: EntryOptions = { allowSingleLabel: true, kept: true };

/** Longer texts are refused before anything looks at their content. */
const LONGEST_ENTRY = 4_096;
/** What somebody meant with a longer text is not worked out: nobody would read it, and it takes long. */
const LONGEST_MEANT = 300;
const MOST_LISTED = 100;
const LONGEST_SUGGESTION = 1_000;
const LONGEST_PROBLEM = 500;
/** A suggestion that would be refused gives way to what it would suggest in turn, so many times. */
const MOST_TURNS = 4;
const MOST_OCTET_RANGES = 65_536;

/** Reads one entry strictly, in any notation. Never throws. */
export function parseEntry(typed: string, options: EntryOptions = {}): EntryResult {
  return parse(typed, options, MOST_TURNS);
}

/** @param turns how many suggestions may follow from each other; with none the answer has no suggestion */
function parse(typed: string, options: EntryOptions, turns: number): EntryResult {
  const foreign = typed.length > LONGEST_ENTRY ? describeForeign(typed) : undefined;
  if (foreign !== undefined) return { ok: false, problem: foreign.problem };
  if (typed.length > LONGEST_ENTRY)
    return { ok: false, problem: `it is longer than ${LONGEST_ENTRY} characters` };
  if (isPlainName(typed)) return { ok: true, entry: { kind: 'name', name: typed, normal: typed } };
  const address = parseAddress(typed);
  const read = address === undefined ? readOther(typed, options) : addressEntry(address);
  if (!('problem' in read)) return { ok: true, entry: read };
  return refused(read, options, typed.length > LONGEST_MEANT ? 0 : turns);
}

/** What is to be scanned of an entry, disjoint and ascending; made anew at each call. */
export function rangesOfEntry(
  entry: Exclude<Entry, { kind: 'name' }>,
  { networkAndBroadcast }: { networkAndBroadcast: boolean },
): readonly AddressRange[] {
  switch (entry.kind) {
    case 'address':
      return [singleAddress(entry.address)];
    case 'network':
      return [networkAndBroadcast ? wholeRange(entry.network) : usableHosts(entry.network)];
    case 'range':
      return [entry.range];
    case 'octets':
      return rangesOfOctets(entry.octets);
  }
}

/** Whether an entry stands for an address of a range, without making its ranges. */
export function entryMeets(
  entry: Exclude<Entry, { kind: 'name' }>,
  range: AddressRange,
  options: { networkAndBroadcast: boolean },
): boolean {
  if (entry.kind !== 'octets') return rangesOfEntry(entry, options).some((own) => doRangesMeet(own, range));
  const { start, end } = range;
  return typeof start === 'number' && (firstInOctets(entry.octets, start) ?? end) < end;
}

function readOther(typed: string, options: EntryOptions): Entry | BadText {
  const unusual = describeUnusual(typed);
  if (unusual !== undefined) return unusual;
  if (typed.startsWith('-') && !options.kept) return describeHyphen(typed);
  if (typed.includes('/')) return readNetwork(typed);
  if (looksLikeOctets(typed) && typed.endsWith('.'))
    return { problem: 'an address has no trailing dot', suggestion: typed.slice(0, -1) };
  if (looksLikeRange(typed)) return readRange(typed);
  if (looksLikeOctets(typed)) return readOctets(typed, options);
  if (typed.includes(',')) return { problem: 'it looks like a list', list: typed.split(',') };
  if (typed.includes('#')) return describeNumberSign(typed);
  return readName(typed, options);
}

/** Octets that are not all plain numbers, by the characters. */
function looksLikeOctets(text: string): boolean {
  return /^[\d.,*-]+$/.test(text) && /[,*-]/.test(text);
}

/** `-8.8.8.3` behind `8.8.8.0/29,` was meant to take an address out of it; read as octets it would add seven networks. */
function describeHyphen(typed: string): BadText {
  const rest = typed.replace(/^-+/, '');
  const octets = closed(typed);
  const open = octets.startsWith('-') || !looksLikeOctets(octets) ? undefined : octets;
  const problem = 'it begins with a hyphen: a bullet, a "not", or an open octet?';
  if (rest === '' || !parse(rest, {}, 0).ok) return withSuggestion(problem, open);
  const readings = `${rest} (a bullet), ${rest} in exclude (a "not")`;
  return { problem, suggestion: open ? `${readings} or ${open} (octets)` : readings, inWords: true };
}

function describeNumberSign(typed: string): BadText {
  const [name = '', ...comment] = typed.split('#');
  const problem = 'a name has no #, and a comment begins behind a blank';
  return { problem, suggestion: `${name} #${comment.join('#')}`, inWords: true };
}

function readNetwork(typed: string): Entry | BadText {
  const [left = '', right = '', ...more] = typed.split('/');
  // Asked only where something is wrong: lists of 100,000 networks come here.
  const host = () => (endsInNumber(left) || parseAddress(left) !== undefined ? undefined : left);
  if (more.length > 0) return withSuggestion('it has more than one slash', host());
  if (looksLikeRange(left) || looksLikeOctets(left))
    return { problem: 'a prefix cannot follow a range or an octet form: write each network by itself' };
  const network = parseNetwork(left, right);
  if ('problem' in network)
    return network.suggestion === undefined ? withSuggestion(network.problem, host()) : network;
  return { kind: 'network', network, normal: formatNetwork(network) };
}

function readRange(typed: string): Entry | BadText {
  const range = parseRange(typed);
  return 'problem' in range ? range : rangeEntry(range);
}

function readOctets(typed: string, { kept = false }: EntryOptions): Entry | BadText {
  const parsed = parseOctets(typed, { allowOpen: kept });
  if ('problem' in parsed) return parsed;
  const { octets } = parsed;
  const rangeCount = countRanges(octets);
  if (rangeCount > MOST_OCTET_RANGES)
    return {
      problem: `it stands for ${rangeCount} separate ranges, at most ${MOST_OCTET_RANGES} are taken: write networks or ranges (10.0.0.0-10.3.255.255) instead, or a part of the list at a time`,
    };
  if (rangeCount > 1) return { kind: 'octets', octets, rangeCount, normal: formatOctets(octets) };
  const [range] = rangesOfOctets(octets);
  return range === undefined ? { problem: 'it is empty' } : rangeEntry(range);
}

function readName(typed: string, options: EntryOptions): Entry | BadText {
  const [host = '', port = '', ...more] = typed.split(':');
  if (more.length > 0) return { problem: 'it is not an IPv6 address' };
  if (typed.includes(':'))
    return withSuggestion('a host has no port here', /^\d*$/.test(port) ? host : undefined);
  if (endsInNumber(typed)) return describeBadIpv4(typed);
  const parsed = parseHostName(typed, options);
  return 'problem' in parsed ? parsed : { kind: 'name', name: parsed.name, normal: parsed.name };
}

function addressEntry(address: Address): Entry {
  return { kind: 'address', address, normal: formatAddress(address) };
}

function rangeEntry(range: AddressRange): Entry {
  const isSingle = singleAddress(range.start).end === range.end;
  return isSingle ? addressEntry(range.start) : { kind: 'range', range, normal: formatRange(range) };
}

function withSuggestion(problem: string, suggestion: string | undefined): BadText {
  return suggestion === undefined ? { problem } : { problem, suggestion };
}

/** A suggestion that would be refused itself gives way to what it would suggest in turn, or to none. */
function refused(bad: BadText, options: EntryOptions, turns: number): Refused {
  const problem = bad.problem.slice(0, LONGEST_PROBLEM);
  if (turns === 0) return { ok: false, problem };
  const suggestion = bad.list === undefined ? suggested(bad, options, turns) : asList(bad.list);
  const isShort = suggestion !== undefined && suggestion.length <= LONGEST_SUGGESTION;
  return isShort ? { ok: false, problem, suggestion } : { ok: false, problem };
}

function suggested(
  { suggestion, inWords, asWritten }: BadText,
  options: EntryOptions,
  turns: number,
): string | undefined {
  if (suggestion === undefined || inWords) return suggestion;
  const parsed = parse(suggestion, options, turns - 1);
  if (!parsed.ok) return parsed.suggestion;
  return asWritten ? suggestion : parsed.entry.normal;
}

/** Words of a sentence are no list, whatever is allowed. */
function asList(items: readonly string[]): string | undefined {
  const entries = items.slice(0, MOST_LISTED);
  return entries.length > 0 && entries.every((item) => parse(item, {}, 0).ok)
    ? entries.join(', ')
    : undefined;
}
