/** An IPv4 address is a number (0..2^32-1), an IPv6 address a bigint (0..2^128-1): the type tells the family. */
export type Address = number | bigint;

/** The first number that is no IPv4 address any more: the end of the last half-open range. */
export const IPV4_END = 2 ** 32;
/** Likewise for IPv6. */
export const IPV6_END = 1n << 128n;

const DOT = 46;
const ZERO = 48;
const LONGEST_IPV4 = '255.255.255.255'.length;
const IPV6_CHARACTERS = /^[\da-f:.]{2,45}$/i;
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

/**
 * Like {@link parseAddress} for IPv6 alone: a mapped address stays the 128-bit number it is written as. The URL standard
 * reads strictly what stands in brackets, and no other character can get in.
 */
export function parseIpv6(text: string): bigint | undefined {
  const url = `http://[${text}]`;
  if (!text.includes(':') || !IPV6_CHARACTERS.test(text) || !URL.canParse(url)) return undefined;
  const halves = new URL(url).hostname.slice(1, -1).split('::');
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0'));
  return BigInt(`0x${groups.join('')}`);
}

/** Dotted quad, or the one spelling of RFC 5952. */
export function formatAddress(address: Address): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}

function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The URL standard writes RFC 5952. */
function formatIpv6(address: bigint): string {
  const groups = address.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
