import type { ResolvedName, Warning } from '../model/submission.ts';
import { ScopeError } from '../runtime/errors.ts';
import type { Address } from './address/address.ts';
import { AddressTally } from './addressTally.ts';
import { hostnameBuckets } from './hostnameBuckets.ts';
import { knownNames, type MergedNames, mergeNames } from './mergeNames.ts';
import { decodeResolved } from './resolutionCodec.ts';
import { type CompiledRules, type KnownName, lookAtNames } from './scope/compiledRules.ts';
import { scopeData } from './scope/compileScope.ts';
import { type RefusedCounts, Scope, type SplitSet } from './scope/scope.ts';
import { type AddressSet, count, decode } from './sets/addressSet.ts';
import { longListWarnings } from './taskNames.ts';

/** What expand and resolve found, and the rules. Texts and typed arrays: it may go to a thread. */
export interface ScopeSources {
  /** The text of the set that the entries other than names stand for. */
  expanded: string;
  /** What the names came to, chunk by chunk; see resolutionCodec.ts. */
  resolved: readonly string[];
  /** What the names of the exclusions came to. */
  excluded: readonly ResolvedName[];
  /** Without their lists: these are long, and only the messages name them. */
  rules: CompiledRules;
}

export interface Undecided extends ScopeSources {
  singleResolve: boolean;
  /** Most addresses of a submission (MAX_TARGETS). */
  maxTargets: number;
}

export interface Decided extends Pick<MergedNames, 'links' | 'failures' | 'lookups'> {
  parts: SplitSet;
  /** How many each rule refused. */
  counts: RefusedCounts;
  /** Distinct addresses found, refused ones included. */
  resolvedIps: number;
  /** In buckets; see hostnameBuckets.ts. */
  hostnames: Map<string, string>;
  /** Names without an address, one a line. */
  unresolvable: string;
  warnings: Warning[];
}

/**
 * What becomes of everything that a submission asks for, before anybody looks at what others hold. Pure.
 *
 * @throws ScopeError with all numbers when the names lead to too many addresses
 */
export function decideTargets(given: Undecided): Decided {
  const { excluded, rules, singleResolve, maxTargets } = given;
  const expanded = decode(given.expanded);
  const resolved = given.resolved.flatMap(decodeResolved);
  const submitted: ReadonlyMap<string, KnownName> = lookAtNames(rules) ? knownNames(resolved) : new Map();
  const names = { submitted, excluded: knownNames(excluded), listed: expanded };
  const scope = new Scope(rules, scopeData(rules, names));
  const found = mergeNames(expanded, resolved, submitted, chooser(scope, singleResolve));
  checkCount(found.set, expanded, resolved, maxTargets);
  const parts = scope.split(found.set);
  return {
    parts,
    counts: scope.countRefused(parts),
    resolvedIps: Number(count(found.set)),
    links: found.links,
    hostnames: hostnameBuckets(found.hostnames, found.links),
    unresolvable: found.unresolvable.join('\n'),
    failures: found.failures,
    lookups: found.lookups,
    warnings: longListWarnings(found.hostnames),
  };
}

/** Which addresses a name adds: all, or with `single_resolve` one. An excluded name adds only what is refused. */
function chooser(scope: Scope, singleResolve: boolean) {
  return (name: string, known: KnownName): readonly Address[] => {
    const isExcluded = scope.judgeName(name, known) !== undefined;
    const addresses = isExcluded ? known.addresses.filter((each) => !scope.allows(each)) : known.addresses;
    return singleResolve ? lowestOpen(addresses, scope) : addresses;
  };
}

/** The lowest address that may be scanned, or the lowest of all when none may. */
function lowestOpen(addresses: readonly Address[], scope: Scope): Address[] {
  const open = addresses.find((address) => scope.allows(address));
  return [open ?? addresses[0]].filter((address) => address !== undefined);
}

/** The limit once more, now that the addresses of the names are known. */
function checkCount(
  set: AddressSet,
  expanded: AddressSet,
  resolved: readonly ResolvedName[],
  maxTargets: number,
): void {
  const targets = count(set);
  if (targets <= BigInt(maxTargets)) return;
  const listed = count(expanded);
  const tally = new AddressTally();
  for (const [name, each] of resolved) tally.add(name, 'failure' in each ? 0 : each.addresses.length);
  const most = tally.greatest === '' ? '' : `; most have ${tally.greatest}`;
  throw new ScopeError(
    `the hosts come to ${targets} targets: ${listed} addresses of networks and ranges, and ${targets - listed} more ` +
      `of ${resolved.length} names; the limit is ${maxTargets} (MAX_TARGETS)${most}`,
  );
}
