import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { ResolvedName } from '../adapters/planStore.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address.ts';
import { type AddressSet, fromRanges, union } from '../targets/addressSet.ts';

/** Names read without a pause: a few milliseconds. */
const NAMES_PER_SLICE = 5_000;

/** What the entries of a submission came to, before any rule. */
export interface FoundTargets {
  set: AddressSet;
  /** formatted address -> its host names, sorted */
  hostnames: Map<string, string[]>;
  /** (name, address) pairs */
  links: number;
  /** Names without an address, sorted. */
  unresolvable: string[];
}

/** Joins the expanded ranges and the addresses of all names into one set. */
export async function foundTargets(
  expanded: AddressSet,
  resolved: readonly Record<string, ResolvedName>[],
): Promise<FoundTargets> {
  const hostnames = new Map<string, string[]>();
  const unresolvable: string[] = [];
  const addresses: Address[] = [];
  let seen = 0;
  for (const chunk of resolved) {
    for (const [name, result] of Object.entries(chunk)) {
      if (++seen % NAMES_PER_SLICE === 0) await yieldToEventLoop();
      const found = typeof result === 'string' ? [] : result.map(parseAddress).filter((a) => a !== undefined);
      if (found.length === 0) unresolvable.push(name);
      for (const address of found) {
        addresses.push(address);
        link(hostnames, formatAddress(address), name);
      }
    }
  }
  for (const names of hostnames.values()) names.sort();
  return {
    set: union(expanded, setOf(addresses)),
    hostnames,
    links: addresses.length,
    unresolvable: unresolvable.sort(),
  };
}

function link(hostnames: Map<string, string[]>, ip: string, name: string): void {
  const names = hostnames.get(ip);
  if (names) names.push(name);
  else hostnames.set(ip, [name]);
}

/** A set of single addresses in any order. */
export function setOf(addresses: Iterable<Address>): AddressSet {
  const ranges = [];
  for (const start of addresses) {
    ranges.push(typeof start === 'number' ? { start, end: start + 1 } : { start, end: start + 1n });
  }
  return fromRanges(ranges);
}
