/** What somebody wants explained. */
import { type Address, parseAddress } from '../../targets/address/address.ts';
import type { AddressRange } from '../../targets/sets/addressSet.ts';

/** One address, a network or a range; or a name. */
export type Asked = { range: AddressRange } | { name: string };

/** The address that a range consists of; undefined: there are several. */
export function onlyAddress({ start, end }: AddressRange): Address | undefined {
  return BigInt(end) - BigInt(start) === 1n ? start : undefined;
}

/** Whether an address, as text, is in the range. */
export function leadsInto({ start, end }: AddressRange, ip: string): boolean {
  const address = parseAddress(ip);
  return address !== undefined && typeof start === typeof address && start <= address && address < end;
}
