/** What a submission decided about a network. */
import type { RefusalReason } from '../../model/refusal.ts';
import type { Address } from '../../targets/address/address.ts';
import { type AddressSet, addressesOf, count, union } from '../../targets/sets/addressSet.ts';

/** How many addresses of the network were accepted, and how many were refused for which reason. */
export interface NetworkDecisions {
  accepted: bigint;
  refused: Partial<Record<RefusalReason, bigint>>;
}

export type Refused = ReadonlyMap<RefusalReason, AddressSet>;

export function countDecisions(accepted: AddressSet, refused: Refused): NetworkDecisions {
  const counts = [...refused].map(([reason, set]) => [reason, count(set)]);
  return { accepted: count(accepted), refused: Object.fromEntries(counts) };
}

/** The first of them, ascending, IPv4 first. */
export function firstOf(accepted: AddressSet, refused: Refused, most: number): Address[] {
  const first: Address[] = [];
  for (const address of addressesOf(union(accepted, ...refused.values())))
    if (first.push(address) === most) break;
  return first;
}
