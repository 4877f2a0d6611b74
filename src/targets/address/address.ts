import ip6addr from 'ip6addr';

/** An IPv4 address is a number (0..2^32-1), an IPv6 address a bigint (0..2^128-1): the type tells the family. */
export type Address = number | bigint;

/** The first number that is no IPv4 address any more: the end of the last half-open range. */
export const IPV4_END = 2 ** 32;
/** Likewise for IPv6. */
export const IPV6_END = 1n << 128n;

const DOT = 46;
const ZERO = 48;
const LONGEST_IPV4 = '255.255.255.255'.length;
const LONGEST_IPV6 = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'.length;
const MAPPED_PREFIX = 0xffffn;

/**
 * Reads one address in its strict spelling. An IPv4-mapped IPv6 address (`::ffff:8.8.8.8`) gives the IPv4 number.
 * Zone ids, octal, hexadecimal and short forms, blanks and digits other than 0-9 give undefined.
 */
export function parseAddress(text: string): Address | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return v4;
  const v6 = parseIpv6(text);
  return v6 !== undefined && v6 >> 32n === MAPPED_PREFIX ? Number(v6 & 0xffffffffn) : v6;
}

/** Four decimal octets without leading zeros. A loop, not a pattern: lists of a million addresses come here. */
export function parseIpv4(text: string): number | undefined {
  if (text.length > LONGEST_IPV4) return undefined;
  let address = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const digit = code - ZERO;
    if (digit >= 0 && digit <= 9 && octet !== 0) {
      octet = octet === -1 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    } else if (code === DOT && octet !== -1) {
      address = address * 256 + octet;
      octet = -1;
      dots++;
    } else return undefined;
  }
  return dots === 3 && octet !== -1 ? address * 256 + octet : undefined;
}

/** Like {@link parseAddress} for IPv6 alone: a mapped address stays the 128-bit number it is written as. */
export function parseIpv6(text: string): bigint | undefined {
  if (text.length > LONGEST_IPV6 || !text.includes(':')) return undefined;
  const groups = withHexTail(text);
  if (groups === undefined || !hasIpv6Shape(groups)) return undefined;
  const everyDigit = ip6addr.parse(groups).toString({ format: 'v6', zeroElide: false, zeroPad: true });
  return BigInt(`0x${everyDigit.replaceAll(':', '')}`);
}

/** `64:ff9b::8.8.8.8` -> `64:ff9b::808:808`: ip6addr knows the dotted tail after `::ffff:` only. */
function withHexTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const tailStart = text.lastIndexOf(':') + 1;
  const tail = parseIpv4(text.slice(tailStart));
  if (tail === undefined) return undefined;
  return `${text.slice(0, tailStart)}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
}

/** Eight groups of one to four hexadecimal digits, or fewer with one `::` that stands for at least one group. */
function hasIpv6Shape(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8;
}

/** Dotted quad, or the one spelling of RFC 5952. */
export function formatAddress(address: Address): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}

function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Our own, because ip6addr shortens a single zero group too, which RFC 5952 (4.2.2) forbids. */
function formatIpv6(address: bigint): string {
  const hex = address.toString(16).padStart(32, '0');
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(i * 4, i * 4 + 4), 16));
  const text = groups.map((group) => group.toString(16));
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return text.join(':');
  return `${text.slice(0, zeros.start).join(':')}::${text.slice(zeros.start + zeros.length).join(':')}`;
}

/** The first of the longest runs. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: i - length + 1, length };
  });
  return longest;
}
