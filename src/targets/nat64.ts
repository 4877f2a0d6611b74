import type { AddressRange } from './addressSet.ts';

/** 64:ff9b::, whose last 32 bits are an IPv4 address (RFC 6052). */
const PREFIX = 0x64_ff9bn << 96n;

/**
 * The addresses by which a translator reaches a range of IPv4 addresses: a packet to `64:ff9b::808:808` arrives at
 * 8.8.8.8. An IPv6 range has none.
 */
export function throughNat64({ start, end }: AddressRange): AddressRange | undefined {
  if (typeof start === 'bigint' || typeof end === 'bigint') return undefined;
  return { start: PREFIX + BigInt(start), end: PREFIX + BigInt(end) };
}
