/** Ranges of whole addresses, `10.0.0.1-10.0.3.9` and `2001:db8::1-2001:db8::ff`. Both ends belong to the range. */

import { describeBadIpv4 } from '../entries/badAddress.ts';
import { type BadText, describeLeadingZero } from '../entries/leadingZero.ts';
import { type AddressRange, singleAddress } from '../sets/addressSet.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';

/** By its characters: has the text an address, or what should be one, on both sides of a hyphen? */
export function looksLikeRange(text: string): boolean {
  const sides = text.split('-');
  if (sides.length !== 2 || !sides.every((side) => /^[\da-f:.]+$/i.test(side))) return false;
  // One colon is a port, and with three dots the hyphen is in an octet.
  return text.includes(':') ? text.split(':').length > 2 : !/[a-f]/i.test(text) && text.split('.').length > 4;
}

export function parseRange(text: string): AddressRange | BadText {
  const hyphen = text.indexOf('-');
  const [left, right] = [text.slice(0, hyphen), text.slice(hyphen + 1)];
  const [first, last] = [parseAddress(left), parseAddress(right)];
  if (first === undefined || last === undefined) {
    const padded = text.includes(':') ? undefined : describeLeadingZero(text, normalOf);
    return padded ?? badEnd(first === undefined ? 'beginning' : 'end', left, right);
  }
  if (typeof first !== typeof last)
    return { problem: 'the range begins in one address family and ends in the other' };
  if (first > last) return { problem: 'the range runs backwards', suggestion: `${right}-${left}` };
  return { start: first, end: singleAddress(last).end };
}

/** `10.0.0.10-50` where only the last octet differs, otherwise two whole addresses. */
export function formatRange({ start, end }: AddressRange): string {
  const last: Address = typeof end === 'number' ? end - 1 : end - 1n;
  const short = typeof start === 'number' && typeof last === 'number' && start - (start % 256) + 255 >= last;
  return `${formatAddress(start)}-${short ? last % 256 : formatAddress(last)}`;
}

function normalOf(text: string): string | undefined {
  const range = parseRange(text);
  return 'start' in range ? formatRange(range) : undefined;
}

function badEnd(which: 'beginning' | 'end', left: string, right: string): BadText {
  const side = which === 'end' ? right : left;
  if (!side.includes(':') && side.includes('.'))
    return { problem: `the ${which} of the range is no address: ${describeBadIpv4(side).problem}` };
  const problem = `the ${which} of the range is no address: an IPv6 range has a full address on both sides`;
  const meant = `${left}-${left.slice(0, left.lastIndexOf(':') + 1)}${right}`;
  return which === 'end' && !right.includes(':') ? { problem, suggestion: meant } : { problem };
}
