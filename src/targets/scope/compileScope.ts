import type { Address } from '../address/address.ts';
import { firstMatch, lowest } from '../entries/hostPattern.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  fromRanges,
  has,
  singleAddress,
  union,
} from '../sets/addressSet.ts';
import { type CompiledRules, excludedBy, type KnownName, matching } from './compiledRules.ts';
import { type LabelLayers, labelIn, withLayer } from './labelLayers.ts';
import type { ScopeData } from './scope.ts';

/** Names in normal form -> what they resolve to. */
export interface KnownNames {
  /** The names among the targets. */
  submitted: ReadonlyMap<string, KnownName>;
  /** The names that the exclusions are about. */
  excluded: ReadonlyMap<string, KnownName>;
  /** The addresses that are targets by themselves, whatever names lead to them. @default none */
  listed?: AddressSet;
}

const NO_NAMES: KnownNames = { submitted: new Map(), excluded: new Map() };

/**
 * Makes rules ready for the names of a submission. An exclusion covers its ranges, and every address of a known name
 * that it matches, or whose CNAME chain it matches. It also excludes the submitted names that lead to an address it
 * covers: their other addresses are covered too, unless something else leads there. The allowlist covers its ranges,
 * and every address of a submitted name that it matches itself. Names that are not known are never looked up.
 *
 * Costs what the names bring, however many rules there are.
 */
export function scopeData(rules: CompiledRules, names: KnownNames): ScopeData {
  // Without an exclusion no name needs to be looked at: there may be a million.
  const known = rules.count === 0 ? NO_NAMES : names;
  const covered = withLayer(rules.layers, addressesOfExcluded(rules, known), { throughNat64: true });
  const { barred, excludedNames } = barredAddresses(rules, known, covered);
  const layers = withLayer(covered, barred, { throughNat64: false });
  return { covered, layers, excludedNames, allowed: allowedSet(rules, names) };
}

type Labelled = [index: number, range: AddressRange];

/** The addresses of the names that exclusions match, with the first that matches. */
function addressesOfExcluded(rules: CompiledRules, { excluded, submitted }: KnownNames): Labelled[] {
  const found: Labelled[] = [];
  for (const names of [excluded, submitted])
    for (const [name, { addresses, chain }] of names) {
      const index = matching(rules, name, chain);
      if (index !== undefined) for (const address of addresses) found.push([index, singleAddress(address)]);
    }
  return found;
}

/**
 * The names that are excluded, each with the first exclusion that counts for it; and with theirs, the addresses that
 * only such names lead to, and no exclusion covers.
 */
function barredAddresses(
  rules: CompiledRules,
  { submitted, listed = EMPTY }: KnownNames,
  covered: LabelLayers,
): { barred: Labelled[]; excludedNames: Map<string, number> } {
  const excludedNames = new Map<string, number>();
  const found = new Map<Address, number>();
  const open: KnownName[] = [];
  for (const [name, known] of submitted) {
    const index = excludedBy(rules, covered, name, known);
    if (index === undefined) {
      open.push(known);
      continue;
    }
    excludedNames.set(name, index);
    for (const address of known.addresses)
      if (!has(listed, address) && labelIn(covered, address) === undefined)
        found.set(address, lowest(found.get(address), index) ?? index);
  }
  if (found.size > 0) for (const { addresses } of open) for (const each of addresses) found.delete(each);
  const barred = Array.from(found, ([address, index]): Labelled => [index, singleAddress(address)]);
  return { barred, excludedNames };
}

/** What the allowlist allows: its ranges, and the addresses of the submitted names that it matches. */
function allowedSet({ allowlist }: CompiledRules, { submitted }: KnownNames): AddressSet | undefined {
  if (allowlist === undefined) return undefined;
  const ofNames: AddressRange[] = [];
  for (const [name, { addresses }] of submitted)
    if (firstMatch(allowlist.hosts, name) !== undefined)
      for (const address of addresses) ofNames.push(singleAddress(address));
  return union(allowlist.ranges, fromRanges(ofNames));
}
