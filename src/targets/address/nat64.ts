import { type AddressRange, type AddressSet, intersect, isEmpty } from '../sets/addressSet.ts';
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

/** The part of a set that translators reach. */
export function nat64Part(set: AddressSet): AddressSet {
  const { v4: _v4, v6 } = set;
  return v6.length === 0 ? { v4: [], v6: [] } : intersect({ v4: [], v6 }, ALL);
}

/** The IPv4 addresses behind a {@link nat64Part}. */
export function embeddedIn(part: AddressSet): AddressSet {
  if (isEmpty(part)) return part;
  const v4 = new Float64Array(part.v6.length);
  for (let i = 0; i < v4.length; i++) {
    v4[i] = Number((part.v6[i] as bigint) - PREFIX);
  }
  return { v4, v6: [] };
}

/** The addresses by which translators reach those of a set. */
export function translated({ v4 }: AddressSet): AddressSet {
  const v6: bigint[] = [];
  for (let i = 0; i < v4.length; i++) {
    v6.push(PREFIX + BigInt(v4[i] as number));
  }
  return { v4: [], v6 };
}
