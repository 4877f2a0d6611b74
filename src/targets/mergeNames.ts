import type { ResolvedName } from '../model/submission.ts';
import { type Address, formatAddress, parseAddress } from './address/address.ts';
import type { KnownName } from './scope/scope.ts';
import { type AddressSet, singleAddress, unionInSteps } from './sets/addressSet.ts';
import { AddressSetBuilder } from './sets/addressSetBuilder.ts';

/** Names read between two places where others may have their turn: a millisecond or so. */
const NAMES_PER_STEP = 500;
const ADDRESSES_PER_STEP = 8_192;
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
export function* mergeNames(
  expanded: AddressSet,
  resolved: readonly ResolvedName[],
  known: ReadonlyMap<string, KnownName>,
  choose: (name: string, known: KnownName) => readonly Address[],
): Generator<undefined, MergedNames> {
  const hostnames = new Map<string, string[]>();
  const unresolvable: string[] = [];
  const failures = new Map<string, number>();
  const addresses: Address[] = [];
  for (const [index, [name, resolution]] of resolved.entries()) {
    if (index % NAMES_PER_STEP === NAMES_PER_STEP - 1) yield;
    if ('failure' in resolution) {
      unresolvable.push(name);
      failures.set(resolution.failure, (failures.get(resolution.failure) ?? 0) + 1);
      continue;
    }
    for (const address of choose(name, known.get(name) ?? knownName(resolution))) {
      addresses.push(address);
      link(hostnames, formatAddress(address), name);
    }
  }
  yield* sortInSteps(hostnames.values());
  const set = yield* unionInSteps(expanded, yield* setInSteps(addresses));
  const lookups = yield* lookupEndsInSteps(resolved);
  return { set, hostnames, links: addresses.length, unresolvable, failures, lookups };
}

function* sortInSteps(lists: Iterable<string[]>): Generator<undefined, void> {
  let seen = 0;
  for (const names of lists) {
    if (++seen % ADDRESSES_PER_STEP === 0) yield;
    if (names.length > 1) names.sort();
  }
}

/** One time for most names: those whose look-ups end within a minute of the first are not told apart. */
function* lookupEndsInSteps(resolved: readonly ResolvedName[]): Generator<undefined, LookupEnds> {
  let seen = 0;
  let all = Number.POSITIVE_INFINITY;
  for (const [, resolution] of resolved) {
    if (++seen % ADDRESSES_PER_STEP === 0) yield;
    if (!('failure' in resolution)) all = Math.min(all, lookupUntil(resolution));
  }
  const later = new Map<string, number>();
  for (const [name, resolution] of resolved) {
    if (++seen % ADDRESSES_PER_STEP === 0) yield;
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
export function* knownNames(resolved: readonly ResolvedName[]): Generator<undefined, Map<string, KnownName>> {
  const known = new Map<string, KnownName>();
  for (const [index, [name, resolution]] of resolved.entries()) {
    if (index % NAMES_PER_STEP === NAMES_PER_STEP - 1) yield;
    known.set(name, knownName(resolution));
  }
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

function link(hostnames: Map<string, string[]>, ip: string, name: string): void {
  const names = hostnames.get(ip);
  if (names) names.push(name);
  else hostnames.set(ip, [name]);
}

/** A set of single addresses in any order. */
export function* setInSteps(addresses: readonly Address[]): Generator<undefined, AddressSet> {
  const collector = new AddressSetBuilder();
  for (const [index, address] of addresses.entries()) {
    if (index % ADDRESSES_PER_STEP === ADDRESSES_PER_STEP - 1) yield;
    collector.add(singleAddress(address));
  }
  return yield* collector.toSetInSteps();
}
