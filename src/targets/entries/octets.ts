/** Four octets as nmap writes them, each a list of numbers and ranges: `10.0-3.*.1,5,9`. */
import type { AddressRange } from '../sets/addressSet.ts';
import { type BadText, clipped, describeLeadingZero } from './leadingZero.ts';

/** Values of one octet, both ends included. */
interface Span {
  first: number;
  last: number;
}

const MOST_PORT = 65_535;

/** Four lists; in each the spans ascend and neither overlap nor touch. */
export type Octets = readonly (readonly Span[])[];

/**
 * Reads an octet form. In place of a number stands `A-B`, `*` (all), or several of these with commas in between.
 *
 * @param allowOpen whether nmap's `A-` (to 255), `-B` (from 0) and `-` (all) are read too. `-8.8.8.3` behind a comma is
 * as likely a "not" as `0-8.8.8.3`
 */
export function parseOctets(text: string, { allowOpen = false } = {}): { octets: Octets } | BadText {
  const parts = text.split('.');
  if (parts.length !== 4) return { problem: `it has ${parts.length} octets instead of 4` };
  const padded = describeLeadingZero(text, normalOf);
  if (padded !== undefined) return padded;
  const [, address, port = '0'] = /^(\d+\.\d+\.\d+\.\d+),(\d+)$/.exec(text) ?? [];
  if (address !== undefined && Number(port) > 255 && Number(port) <= MOST_PORT)
    return {
      problem: `octet ${port} is not in 0..255, and a port does not belong here`,
      suggestion: address,
    };
  const octets: Span[][] = [];
  for (const part of parts) {
    const spans: Span[] = [];
    for (const item of part.split(',')) {
      if (!allowOpen && isOpen(item))
        return {
          problem: `the range "${clipped(item)}" is open at one end: write both`,
          suggestion: closed(text),
        };
      const span = parseSpan(item);
      if ('problem' in span) return span;
      if (span.first > span.last) return backwards(text, item, span);
      spans.push(span);
    }
    octets.push(merged(spans));
  }
  return { octets };
}

function parseSpan(item: string): Span | BadText {
  if (item === '') return { problem: 'it has an empty octet' };
  if (item === '*') return { first: 0, last: 255 };
  const [, from = '', hyphen = '', to = ''] = /^(\d*)(-?)(\d*)$/.exec(item) ?? [];
  if (from + hyphen === '')
    return { problem: `"${clipped(item)}" is neither an octet nor a range of octets` };
  const first = from === '' ? 0 : Number(from);
  const last = hyphen === '' ? first : to === '' ? 255 : Number(to);
  const tooLarge = first > 255 ? from : last > 255 ? to : undefined;
  if (tooLarge !== undefined) return { problem: `octet ${clipped(tooLarge)} is not in 0..255` };
  return { first, last };
}

/** A hyphen with nothing before or behind it. */
function isOpen(item: string): boolean {
  return /^(?:\d*-|-\d+)$/.test(item);
}

/** The same with both ends of every range. */
export function closed(text: string): string {
  return text.replace(/[^.,]+/g, (item) =>
    isOpen(item) ? item.replace(/^-/, '0-').replace(/-$/, '-255') : item,
  );
}

function backwards(text: string, item: string, { first, last }: Span): BadText {
  const turned = text.replace(/[^.,]+/g, (part) => (part === item ? `${last}-${first}` : part));
  return { problem: `the range ${item} runs backwards`, suggestion: turned };
}

function merged(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const { first, last } of spans.sort((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
    else result.push({ first, last });
  }
  return result;
}

/** The one spelling of all that mean the same. */
export function formatOctets(octets: Octets): string {
  return octets.map((spans) => spans.map(formatSpan).join(',')).join('.');
}

function formatSpan({ first, last }: Span): string {
  if (first === last) return String(first);
  return first === 0 && last === 255 ? '*' : `${first}-${last}`;
}

function normalOf(text: string): string | undefined {
  const parsed = parseOctets(text, { allowOpen: true });
  return 'octets' in parsed ? formatOctets(parsed.octets) : undefined;
}

/** How many ranges {@link rangesOfOctets} gives, worked out without making one. */
export function countRanges(octets: Octets): number {
  let ranges = 1;
  let [reachesFirst, reachesLast, whole] = [true, true, true];
  for (const spans of octets.toReversed()) {
    const values = spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    // Below neighbouring values two ranges become one when what follows reaches from its first to its last address.
    const joints = reachesFirst && reachesLast ? values - spans.length : 0;
    ranges = whole ? spans.length : values * ranges - joints;
    reachesFirst &&= spans[0]?.first === 0;
    reachesLast &&= spans.at(-1)?.last === 255;
    whole &&= values === 256;
  }
  return ranges;
}

/** The lowest address of the form that is not below `from`; undefined: all are below. */
export function firstInOctets([spans, ...below]: Octets, from: number): number | undefined {
  if (spans === undefined) return 0;
  const size = 256 ** below.length;
  const value = Math.floor(from / size);
  for (const { first, last } of spans) {
    if (last < value) continue;
    const rest = first <= value ? firstInOctets(below, from % size) : undefined;
    if (rest !== undefined) return value * size + rest;
    const next = Math.max(first, value + 1);
    if (next <= last) return next * size + lowest(below);
  }
  return undefined;
}

function lowest(octets: Octets): number {
  return octets.reduce((address, [span]) => address * 256 + (span?.first ?? 0), 0);
}

/** Disjoint, ascending, neighbours joined. */
export function rangesOfOctets(octets: Octets): AddressRange[] {
  let ranges = [{ start: 0, end: 1 }];
  let size = 1;
  for (const spans of octets.toReversed()) {
    const whole = ranges.length === 1 && ranges[0]?.start === 0 && ranges[0].end === size;
    const longer: typeof ranges = [];
    for (const { first, last } of spans) {
      if (whole) longer.push({ start: first * size, end: (last + 1) * size });
      else for (let value = first; value <= last; value++) appendShifted(longer, ranges, value * size);
    }
    ranges = longer;
    size *= 256;
  }
  return ranges;
}

function appendShifted(
  list: { start: number; end: number }[],
  ranges: readonly { start: number; end: number }[],
  offset: number,
): void {
  for (const { start, end } of ranges) {
    const previous = list.at(-1);
    if (previous?.end === offset + start) previous.end = offset + end;
    else list.push({ start: offset + start, end: offset + end });
  }
}
