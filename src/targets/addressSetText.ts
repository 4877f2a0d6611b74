/**
 * The text form of an address set, as it is kept in Redis: `<IPv4 ranges>|<IPv6 ranges>`, the ranges of a family
 * separated by commas. A range is the distance from the end of the range before it (from 0 for the first), then,
 * unless it is a single address, `+` and its length; all in hexadecimal. So a long list costs about five bytes
 * an address, and a network costs the same whatever its size.
 */
import { IPV4_END, IPV6_END } from './address.ts';
import type { AddressSet } from './addressSet.ts';
import { pairs } from './boundaries.ts';

/** Ranges between two pauses of {@link encoding} and {@link decoding}: less than a millisecond. */
const RANGES_PER_STEP = 4_096;

export function encode(set: AddressSet): string {
  return atOnce(encoding(set));
}

/** The set that {@link encode} wrote. Throws Error on any other text. */
export function decode(text: string): AddressSet {
  return atOnce(decoding(text));
}

/** {@link encode} for long sets, in steps between which others may have their turn. */
export function* encoding(set: AddressSet): Generator<void, string> {
  return `${yield* encodeFamily(set.v4, 0)}|${yield* encodeFamily(set.v6, 0n)}`;
}

/** {@link decode}, likewise. */
export function* decoding(text: string): Generator<void, AddressSet> {
  const bar = text.indexOf('|');
  if (bar === -1 || text.indexOf('|', bar + 1) !== -1) throw unreadable();
  const v4 = yield* decodeIpv4(text, bar);
  const v6 = yield* decodeIpv6(text.slice(bar + 1));
  return { v4, v6 };
}

function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The ranges are joined in pieces: a million small strings at once would cost ten times the text. */
function* encodeFamily<T extends number | bigint>(
  boundaries: readonly T[],
  zero: T,
): Generator<void, string> {
  const pieces: string[] = [];
  let ranges: string[] = [];
  let end = zero;
  for (const [start, next] of pairs(boundaries)) {
    ranges.push(rangeText((start - end) as T, (next - start) as T));
    end = next;
    if (ranges.length < RANGES_PER_STEP) continue;
    pieces.push(ranges.join(','));
    ranges = [];
    yield;
  }
  if (ranges.length > 0) pieces.push(ranges.join(','));
  return pieces.join(',');
}

function rangeText(gap: number | bigint, length: number | bigint): string {
  const gapText = gap.toString(16);
  return length === 1 || length === 1n ? gapText : `${gapText}+${length.toString(16)}`;
}

const PLUS = 43;
const COMMA = 44;

/** Character by character: this is the way of lists of a million addresses. NaN: nothing read yet. */
function* decodeIpv4(text: string, stop: number): Generator<void, number[]> {
  const boundaries: number[] = [];
  let end = 0;
  let gap = Number.NaN;
  let value = Number.NaN;
  for (let at = 0; at <= stop && stop > 0; at++) {
    const code = text.charCodeAt(at);
    const digit = hexDigit(code);
    if (digit !== -1) value = Number.isNaN(value) ? digit : value * 16 + digit;
    else if (Number.isNaN(value)) throw unreadable();
    else if (code === PLUS && Number.isNaN(gap)) {
      gap = value;
      value = Number.NaN;
    } else if (code === COMMA || at === stop) {
      const single = Number.isNaN(gap);
      const start = end + (single ? value : gap);
      if (boundaries.length > 0 && start <= end) throw unreadable();
      end = start + (single ? 1 : value);
      if (end <= start || end > IPV4_END) throw unreadable();
      boundaries.push(start, end);
      gap = Number.NaN;
      value = Number.NaN;
      if (boundaries.length % (2 * RANGES_PER_STEP) === 0) yield;
    } else throw unreadable();
  }
  return boundaries;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

function* decodeIpv6(text: string): Generator<void, bigint[]> {
  const boundaries: bigint[] = [];
  let end = 0n;
  for (let at = 0; at < text.length; ) {
    const comma = text.indexOf(',', at);
    const stop = comma === -1 ? text.length : comma;
    const range = /^([0-9a-f]{1,33})(?:\+([0-9a-f]{1,33}))?$/.exec(text.slice(at, stop));
    if (range === null || stop === text.length - 1) throw unreadable();
    const start = end + BigInt(`0x${range[1]}`);
    if (boundaries.length > 0 && start <= end) throw unreadable();
    end = start + BigInt(`0x${range[2] ?? '1'}`);
    if (end <= start || end > IPV6_END) throw unreadable();
    boundaries.push(start, end);
    if (boundaries.length % (2 * RANGES_PER_STEP) === 0) yield;
    at = stop + 1;
  }
  return boundaries;
}

function unreadable(): Error {
  return new Error('not the text of an address set');
}
