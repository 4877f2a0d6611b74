import type { Address } from './address.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  fromRanges,
  has,
  singleAddress,
  union,
} from './addressSet.ts';
import { finished } from './boundaries.ts';
import { firstMatch, type HostRule, lowest } from './hostPattern.ts';
import { labelAt, labelRangesInSteps } from './labelledRanges.ts';
import { throughNat64 } from './nat64.ts';
import { RULES_STEP, type RuleEntry, readExclusionsInSteps, readRule, type ScopeRules } from './rules.ts';
import { type Allowlist, type KnownName, type NameMatcher, Scope } from './scope.ts';

/** Names in normal form -> what they resolve to. */
export interface KnownNames {
  /** The names among the targets. */
  submitted: ReadonlyMap<string, KnownName>;
  /** The names that the exclusions are about. */
  excluded: ReadonlyMap<string, KnownName>;
  /** The addresses that are targets by themselves, whatever names lead to them. @default none */
  listed?: AddressSet;
}

/** Names looked at between two places where others may have their turn. */
const NAMES_STEP = 1_024;
const NO_NAMES: KnownNames = { submitted: new Map(), excluded: new Map() };

/**
 * Makes rules ready for use. An exclusion covers its ranges, and every address of a known name that it matches, or
 * whose CNAME chain it matches. It also excludes the submitted names that lead to an address it covers: their other
 * addresses are covered too, unless something else leads there. The allowlist covers its ranges, and every address of a submitted name that it matches
 * itself. Names that are not known are never looked up.
 *
 * 100,000 IPv4 exclusions take some 0.5 s: compile once for many questions, and in steps where others wait.
 *
 * @throws Error naming a rule that cannot be read
 */
export function compileScope(rules: ScopeRules, names: KnownNames = NO_NAMES): Scope {
  return finished(compileScopeInSteps(rules, names));
}

/** {@link compileScope} that can be interrupted at each `yield`. */
export function* compileScopeInSteps(
  rules: ScopeRules,
  names: KnownNames = NO_NAMES,
): Generator<undefined, Scope> {
  const exclusions = yield* readExclusionsInSteps(rules);
  const byName = nameMatcher(exclusions);
  const ranges: AddressRange[][] = [];
  for (const rule of exclusions) {
    if (ranges.length % NAMES_STEP === NAMES_STEP - 1) yield;
    ranges.push(rule.kind === 'ranges' ? withNat64(rule.ranges) : []);
  }
  // Without an exclusion no name needs to be looked at: there may be a million.
  const known = exclusions.length === 0 ? NO_NAMES : names;
  let seen = 0;
  for (const each of [known.excluded, known.submitted])
    for (const [name, { addresses, chain }] of each) {
      if (++seen % NAMES_STEP === 0) yield;
      const index = byName(name, chain);
      if (index !== undefined) ranges[index]?.push(...withNat64(addresses.map(singleAddress)));
    }
  const covered = yield* labelRangesInSteps(ranges);
  const excludedName: NameMatcher = (name, { addresses, chain }) =>
    addresses.reduce((index, address) => lowest(index, labelAt(covered, address)), byName(name, chain));
  const excludedNames = new Map<string, number>();
  const barred = yield* barredAddresses(known, excludedName, excludedNames, (address) =>
    labelAt(covered, address),
  );
  for (const [address, index] of barred) ranges[index]?.push(singleAddress(address));
  const labelled = barred.size === 0 ? covered : yield* labelRangesInSteps(ranges);
  yield;
  const matches: NameMatcher = (name, each) => lowest(excludedName(name, each), excludedNames.get(name));
  return new Scope(rules, labelled, matches, yield* allowedInSteps(rules, names));
}

/** By the first exclusion that matches the name or one of its chain. */
function nameMatcher(exclusions: readonly RuleEntry[]) {
  const first = firstMatch(exclusions.map((rule) => (rule.kind === 'ranges' ? undefined : rule)));
  return (name: string, chain: readonly string[]) =>
    chain.reduce((index, target) => lowest(index, first(target)), first(name));
}

/**
 * The addresses that only excluded names lead to, and no exclusion covers; with the first exclusion of these names.
 * @param excludedNames gets these names
 */
function* barredAddresses(
  { submitted, listed = EMPTY }: KnownNames,
  excludedName: NameMatcher,
  excludedNames: Map<string, number>,
  coveredBy: (address: Address) => number | undefined,
): Generator<undefined, Map<Address, number>> {
  const barred = new Map<Address, number>();
  const open: KnownName[] = [];
  let seen = 0;
  for (const [name, known] of submitted) {
    if (++seen % NAMES_STEP === 0) yield;
    const index = excludedName(name, known);
    if (index === undefined) {
      open.push(known);
      continue;
    }
    excludedNames.set(name, index);
    for (const address of known.addresses)
      if (!has(listed, address) && coveredBy(address) === undefined)
        barred.set(address, lowest(barred.get(address), index) ?? index);
  }
  if (barred.size === 0) return barred;
  for (const { addresses } of open) {
    if (++seen % NAMES_STEP === 0) yield;
    for (const address of addresses) barred.delete(address);
  }
  return barred;
}

function* allowedInSteps(
  { allowed }: ScopeRules,
  { submitted }: KnownNames,
): Generator<undefined, Allowlist | undefined> {
  if (allowed === undefined) return undefined;
  const ranges: AddressRange[] = [];
  const hosts: HostRule[] = [];
  for (const [i, typed] of allowed.entries()) {
    if (i % RULES_STEP === RULES_STEP - 1) yield;
    const rule = readRule(typed, 'ALLOWED_HOSTS');
    if (rule.kind !== 'ranges') hosts.push(rule);
    else for (const range of rule.ranges) ranges.push(range);
  }
  const first = firstMatch(hosts);
  const matches = (name: string) => first(name) !== undefined;
  const ofNames: AddressRange[] = [];
  let seen = 0;
  for (const [name, { addresses }] of submitted) {
    if (++seen % NAMES_STEP === 0) yield;
    if (matches(name)) for (const address of addresses) ofNames.push(singleAddress(address));
  }
  const byRange = fromRanges(ranges);
  return { all: union(byRange, fromRanges(ofNames)), ranges: byRange, matches };
}

/** Who excludes an IPv4 address also excludes the way to it through a translator. */
function withNat64(ranges: readonly AddressRange[]): AddressRange[] {
  return ranges.flatMap((range) => {
    const translated = throughNat64(range);
    return translated === undefined ? [range] : [range, translated];
  });
}
