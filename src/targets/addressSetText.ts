/**
 * The text form of an address set, as it is kept in Redis: `<IPv4 ranges>|<IPv6 ranges>`, the ranges of a family
 * separated by commas. A range is the distance from the end of the range before it (from 0 for the first), then,
 * unless it is a single address, `+` and its length; all in hexadecimal. So a long list costs about five bytes
 * an address, and a network costs the same whatever its size.
 */
import { IPV4_END, IPV6_END } from './address.ts';
import type { AddressSet } from './addressSet.ts';
import { pairs } from './boundaries.ts';

export function encode(set: AddressSet): string {
  const v4: string[] = [];
  let end4 = 0;
  for (const [start, end] of pairs(set.v4)) {
    v4.push(rangeText(start - end4, end - start));
    end4 = end;
  }
  const v6: string[] = [];
  let end6 = 0n;
  for (const [start, end] of pairs(set.v6)) {
    v6.push(rangeText(start - end6, end - start));
    end6 = end;
  }
  return `${v4.join(',')}|${v6.join(',')}`;
}

function rangeText(gap: number | bigint, length: number | bigint): string {
  const gapText = gap.toString(16);
  return length === 1 || length === 1n ? gapText : `${gapText}+${length.toString(16)}`;
}

/** The set that {@link encode} wrote. Throws Error on any other text. */
export function decode(text: string): AddressSet {
  const [v4, v6] = text.split('|');
  // The check of the characters comes first, because Number() and BigInt() would overlook blanks.
  if (
    v4 === undefined ||
    v6 === undefined ||
    /[^0-9a-f+,|]/.test(text) ||
    text.indexOf('|') !== text.lastIndexOf('|')
  )
    throw new Error('not the text of an address set');
  return { v4: decodeIpv4(v4), v6: decodeIpv6(v6) };
}

function decodeIpv4(text: string): number[] {
  const boundaries: number[] = [];
  let end = 0;
  for (const [gap, length] of rangeTexts(text)) {
    const start = end + Number(`0x${gap}`);
    end = start + Number(`0x${length}`);
    boundaries.push(start, end);
  }
  return checked(boundaries, IPV4_END);
}

function decodeIpv6(text: string): bigint[] {
  const boundaries: bigint[] = [];
  let end = 0n;
  for (const [gap, length] of rangeTexts(text)) {
    const start = end + BigInt(`0x${gap}`);
    end = start + BigInt(`0x${length}`);
    boundaries.push(start, end);
  }
  return checked(boundaries, IPV6_END);
}

function* rangeTexts(text: string): Generator<[gap: string, length: string]> {
  if (text === '') return;
  for (const range of text.split(',')) {
    const plus = range.indexOf('+');
    yield plus === -1 ? [range, '1'] : [range.slice(0, plus), range.slice(plus + 1)];
  }
}

/** The comparisons are negated so that NaN, from an empty or doubled number, fails them too. */
function checked<T extends number | bigint>(boundaries: T[], spaceEnd: T): T[] {
  const last = boundaries.at(-1);
  const increasing = boundaries.every((boundary, i) => i === 0 || boundary > (boundaries[i - 1] as T));
  if (!increasing || (last !== undefined && !(last <= spaceEnd)))
    throw new Error('not the text of an address set: the ranges do not increase or leave the address space');
  return boundaries;
}
