import { type AddressRange, type AddressSet, intersect } from '../sets/addressSet.ts';
import type { Address } from './address.ts';
import { IPV4_END } from './address.ts';

/** 64:ff9b::, whose last 32 bits are an IPv4 address (RFC 6052). */
const PREFIX = 0x64_ff9bn << 96n;
const ALL: AddressSet = { v4: [], v6: [PREFIX, PREFIX + BigInt(IPV4_END)] };

/**
 * The addresses by which a translator reaches a range of IPv4 addresses: a packet to `64:ff9b::808:808` arrives at
 * 8.8.8.8. An IPv6 range has none.
 */
export function throughNat64({ start, end }: AddressRange): AddressRange | undefined {
  if (typeof start === 'bigint' || typeof end === 'bigint') return undefined;
  return { start: PREFIX + BigInt(start), end: PREFIX + BigInt(end) };
}

/** The IPv4 address that a translator makes of an IPv6 address; undefined: none does. */
export function behindNat64(address: Address): number | undefined {
  if (typeof address === 'number' || address >> 32n !== PREFIX >> 32n) return undefined;
  return Number(address & 0xffff_ffffn);
}

/** The IPv4 addresses that translators make of those of a set. */
export function embeddedIn({ v6 }: AddressSet): AddressSet {
  const part = intersect({ v4: [], v6 }, ALL);
  return { v4: Float64Array.from(part.v6, (boundary) => Number(boundary - PREFIX)), v6: [] };
}
