/**
 * The text form of an address set, as it is kept in Redis: `<IPv4 ranges>|<IPv6 ranges>`, the ranges of a family
 * separated by commas. A range is the distance from the end of the range before it (from 0 for the first), then,
 * unless it is a single address, `+` and its length; all in hexadecimal. So a long list costs about five bytes
 * an address, and a network costs the same whatever its size.
 */
import { IPV4_END, IPV6_END } from '../address/address.ts';
import type { AddressSet } from './addressSet.ts';
import { filled, finished, type Intervals, pairs, roomFor } from './intervals.ts';
import { joinInSteps } from './joinInSteps.ts';

export function encode(set: AddressSet): string {
  return finished(encodeInSteps(set));
}

/** Ranges between two places where others may have their turn: a few milliseconds. */
const STEP = 8_192;

/** {@link encode} that can be interrupted at each `yield`. */
export function* encodeInSteps(set: AddressSet): Generator<undefined, string> {
  const v4 = yield* joinInSteps(
    gapsOf<number>(set.v4, 0, (start, end) => start - end),
    ',',
  );
  return `${v4}|${yield* joinInSteps(
    gapsOf<bigint>(set.v6, 0n, (start, end) => start - end),
    ',',
  )}`;
}

function* gapsOf<T extends number | bigint>(
  boundaries: Intervals<T>,
  zero: T,
  minus: (a: T, b: T) => T,
): Generator<string> {
  let previousEnd = zero;
  for (const [start, end] of pairs(boundaries)) {
    yield rangeText(minus(start, previousEnd), minus(end, start));
    previousEnd = end;
  }
}

function rangeText(gap: number | bigint, length: number | bigint): string {
  const gapText = gap.toString(16);
  return length === 1 || length === 1n ? gapText : `${gapText}+${length.toString(16)}`;
}

/** The set that {@link encode} wrote. Throws Error on any other text. */
export function decode(text: string): AddressSet {
  return finished(decodeInSteps(text));
}

/** {@link decode} that can be interrupted at each `yield`. */
export function* decodeInSteps(text: string): Generator<undefined, AddressSet> {
  const bar = text.indexOf('|');
  if (bar === -1) throw new Error('not the text of an address set');
  // A range takes two characters at least.
  const v4 = roomFor<number>(bar + 1, 0);
  let length4 = 0;
  let end4 = 0;
  for (const [gap, length] of formatRanges(text, 0, bar)) {
    const start = end4 + Number(`0x${gap}`);
    end4 = checked(start, start + Number(`0x${length}`), v4[length4 - 1], IPV4_END);
    v4[length4++] = start;
    v4[length4++] = end4;
    if (length4 % STEP === 0) yield;
  }
  const v6: bigint[] = [];
  let end6 = 0n;
  for (const [gap, length] of formatRanges(text, bar + 1, text.length)) {
    const start = end6 + BigInt(`0x${gap}`);
    end6 = checked(start, start + BigInt(`0x${length}`), v6.at(-1), IPV6_END);
    v6.push(start, end6);
    if (v6.length % STEP === 0) yield;
  }
  return { v4: filled(v4, length4), v6 };
}

const HEXADECIMAL = /^[0-9a-f]+$/;

function* formatRanges(text: string, from: number, to: number): Generator<[gap: string, length: string]> {
  for (let start = from; from < to && start <= to; ) {
    const comma = text.indexOf(',', start);
    const end = comma === -1 || comma > to ? to : comma;
    const [gap = '', length = '1', ...more] = text.slice(start, end).split('+');
    // Number() and BigInt() would overlook blanks.
    if (!HEXADECIMAL.test(gap) || !HEXADECIMAL.test(length) || more.length > 0)
      throw new Error('not the text of an address set');
    yield [gap, length];
    start = end + 1;
  }
}

/** The end of the range. */
function checked<T extends number | bigint>(start: T, end: T, previousEnd: T | undefined, spaceEnd: T): T {
  if ((previousEnd !== undefined && start <= previousEnd) || end <= start || end > spaceEnd)
    throw new Error('not the text of an address set: the ranges do not increase or leave the address space');
  return end;
}
