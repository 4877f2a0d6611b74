import { describeBadIpv4 } from '../entries/badAddress.ts';
import { endsInNumber } from '../entries/hostName.ts';
import { type BadText, describeLeadingZero } from '../entries/leadingZero.ts';
import type { AddressRange } from '../sets/addressSet.ts';
import type { Address } from './address.ts';
import { formatAddress, IPV4_END, parseAddress, parseIpv4, parseIpv6 } from './address.ts';

/** An address whose host bits are 0, and how many bits the network part has. */
export interface Network {
  base: Address;
  prefix: number;
}

/** The longest prefix of an IPv4-mapped IPv6 network that is not part of its IPv4 address. */
const MAPPED_BITS = 96;

/**
 * Reads the two sides of the slash. The right side is a prefix length or, for IPv4, a netmask (`255.255.255.0`)
 * or hostmask (`0.0.0.255`). Host bits on the left side are allowed and dropped. A mapped IPv6 network
 * (`::ffff:8.8.8.0/120`) is the IPv4 network.
 */
export function parseNetwork(left: string, right: string): Network | BadText {
  const v6 = parseIpv6(left);
  const address = v6 ?? parseIpv4(left);
  if (address === undefined) return badAddress(left, right);
  const prefix = v6 === undefined ? (parsePrefix(right) ?? parseMask(right)) : parsePrefix(right);
  const bits = v6 === undefined ? 32 : 128;
  if (prefix === undefined || prefix > bits) return badPrefix(left, right, bits);
  const mapped = v6 === undefined || prefix < MAPPED_BITS ? undefined : parseAddress(left);
  if (typeof mapped === 'number')
    return { base: networkBase(mapped, prefix - MAPPED_BITS), prefix: prefix - MAPPED_BITS };
  return { base: networkBase(address, prefix), prefix };
}

export function formatNetwork({ base, prefix }: Network): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** Every address of the network. */
export function wholeRange({ base, prefix }: Network): AddressRange {
  if (typeof base === 'number') return { start: base, end: base + 2 ** (32 - prefix) };
  return { start: base, end: base + (1n << BigInt(128 - prefix)) };
}

/** What can be a host: IPv4 networks up to /30 lose their network and broadcast address, all others nothing. */
export function usableHosts(network: Network): AddressRange {
  const { start, end } = wholeRange(network);
  if (typeof start === 'number' && typeof end === 'number' && network.prefix <= 30)
    return { start: start + 1, end: end - 1 };
  return { start, end };
}

function networkBase(address: Address, prefix: number): Address {
  if (typeof address === 'number') return address - (address % 2 ** (32 - prefix));
  const hostBits = BigInt(128 - prefix);
  return (address >> hostBits) << hostBits;
}

function parsePrefix(text: string): number | undefined {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;
}

/** A netmask is ones, then zeros; a hostmask the reverse. 0.0.0.0 and 255.255.255.255 are taken as netmasks. */
function parseMask(text: string): number | undefined {
  const mask = parseIpv4(text);
  if (mask === undefined) return undefined;
  const prefixes = Array.from({ length: 33 }, (_, prefix) => prefix);
  const asNetmask = prefixes.find((prefix) => mask === IPV4_END - 2 ** (32 - prefix));
  return asNetmask ?? prefixes.find((prefix) => mask === 2 ** (32 - prefix) - 1);
}

function badPrefix(left: string, right: string, bits: number): BadText {
  if (/^0\d{1,3}$/.test(right))
    return { problem: 'the prefix has a leading zero', suggestion: `${left}/${Number(right)}` };
  if (/^-?\d{1,9}$/.test(right)) return { problem: `prefix ${right} is not in 0..${bits}` };
  if (parseIpv4(right) !== undefined && parseIpv4(left) !== undefined)
    return { problem: `mask ${right} is not contiguous` };
  return { problem: 'what follows the slash is no prefix length and no mask' };
}

/** `10.10.128/17` is the one misspelling that has only one reading: the octets that are missing are 0. */
function badAddress(left: string, right: string): BadText {
  const octets = left.split('.');
  if (octets.length < 4 && octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    const padded = [...octets, '0', '0', '0'].slice(0, 4).join('.');
    return { problem: `the address has ${octets.length} of 4 octets`, suggestion: `${padded}/${right}` };
  }
  const padded = describeLeadingZero(left, (text) => networkText(text, right));
  if (padded !== undefined && endsInNumber(left)) return padded;
  if (endsInNumber(left)) return { problem: describeBadIpv4(left).problem };
  return { problem: 'what precedes the slash is not an address' };
}

function networkText(left: string, right: string): string | undefined {
  const network = parseNetwork(left, right);
  return 'problem' in network ? undefined : formatNetwork(network);
}
