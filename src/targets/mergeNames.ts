import type { ResolvedName } from '../model/submission.ts';
import { type Address, formatAddress, parseAddress } from './address/address.ts';
import type { KnownName } from './scope/compiledRules.ts';
import { type AddressSet, singleAddress, union } from './sets/addressSet.ts';
import { AddressSetBuilder } from './sets/addressSetBuilder.ts';

/** A look-up counts for its TTL, but no less than this: some records change with every answer. */
const SHORTEST_LOOKUP_MS = 5 * 60_000;
const SAME_END_MS = 60_000;

/** Until when what DNS said of the names counts, in epoch milliseconds. */
export interface LookupEnds {
  /** For all of them; infinite when there are none. */
  all: number;
  /** For those that it counts longer for. */
  later: ReadonlyMap<string, number>;
}

/** What the entries of a submission came to, before any rule. */
export interface MergedNames {
  set: AddressSet;
  /** formatted address -> its host names, sorted */
  hostnames: Map<string, string[]>;
  /** (name, address) pairs */
  links: number;
  /** Names without an address, as they were listed, and how many failed in which way. */
  unresolvable: string[];
  failures: Map<string, number>;
  lookups: LookupEnds;
}

/**
 * Joins the expanded ranges and the addresses of all names into one set; `choose` says which addresses a name adds.
 * @param known of the same names, by {@link knownNames}; those that are missing are read here
 */
export function mergeNames(
  expanded: AddressSet,
  resolved: readonly ResolvedName[],
  known: ReadonlyMap<string, KnownName>,
  choose: (name: string, known: KnownName) => readonly Address[],
): MergedNames {
  const hostnames = new Map<string, string[]>();
  const unresolvable: string[] = [];
  const failures = new Map<string, number>();
  const addresses: Address[] = [];
  for (const [name, resolution] of resolved) {
    if ('failure' in resolution) {
      unresolvable.push(name);
      failures.set(resolution.failure, (failures.get(resolution.failure) ?? 0) + 1);
      continue;
    }
    for (const address of choose(name, known.get(name) ?? knownName(resolution))) {
      addresses.push(address);
      const ip = formatAddress(address);
      const names = hostnames.get(ip);
      if (names) names.push(name);
      else hostnames.set(ip, [name]);
    }
  }
  for (const names of hostnames.values()) if (names.length > 1) names.sort();
  const [set, lookups] = [union(expanded, setOf(addresses)), lookupEnds(resolved)];
  return { set, hostnames, links: addresses.length, unresolvable, failures, lookups };
}

/** One time for most names: those whose look-ups end within a minute of the first are not told apart. */
function lookupEnds(resolved: readonly ResolvedName[]): LookupEnds {
  let all = Number.POSITIVE_INFINITY;
  for (const [, resolution] of resolved)
    if (!('failure' in resolution)) all = Math.min(all, lookupUntil(resolution));
  const later = new Map<string, number>();
  for (const [name, resolution] of resolved) {
    const endMs = 'failure' in resolution ? all : lookupUntil(resolution);
    if (endMs > all + SAME_END_MS) later.set(name, endMs);
  }
  return { all, later };
}

/** Until when what DNS said is taken for true, in epoch milliseconds. */
export function lookupUntil({ atMs, ttlS }: { atMs: number; ttlS: number }): number {
  return atMs + Math.max(ttlS * 1_000, SHORTEST_LOOKUP_MS);
}

/** Names with their addresses, as scope rules want to know them. */
export function knownNames(resolved: readonly ResolvedName[]): Map<string, KnownName> {
  const known = new Map<string, KnownName>();
  for (const [name, resolution] of resolved) known.set(name, knownName(resolution));
  return known;
}

/** What scope rules want to know of a name; one without an address has none. */
export function knownName({
  addresses = [],
  chain = [],
}: {
  addresses?: readonly string[];
  chain?: readonly string[];
}): KnownName {
  return { addresses: addresses.map(parseAddress).filter((address) => address !== undefined), chain };
}

/** A set of single addresses in any order. */
export function setOf(addresses: readonly Address[]): AddressSet {
  const set = new AddressSetBuilder();
  for (const address of addresses) set.add(singleAddress(address));
  return set.toSet();
}
