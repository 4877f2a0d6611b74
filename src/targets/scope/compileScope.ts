import type { Address } from '../address/address.ts';
import { lowest } from '../entries/hostPattern.ts';
import {
  type AddressRange,
  type AddressSet,
  EMPTY,
  fromRanges,
  has,
  singleAddress,
  union,
} from '../sets/addressSet.ts';
import { finished } from '../sets/intervals.ts';
import { type CompiledRules, compileRules } from './compiledRules.ts';
import type { ScopeRules } from './rules.ts';
import { type KnownName, type NameMatcher, Scope } from './scope.ts';

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

/** Rules that nobody else uses, ready for these names. */
export function compileScope(rules: ScopeRules, names: KnownNames = NO_NAMES): Scope {
  return finished(scopeInSteps(compileRules(rules), names));
}

/**
 * Makes rules ready for the names of a submission. An exclusion covers its ranges, and every address of a known name
 * that it matches, or whose CNAME chain it matches. It also excludes the submitted names that lead to an address it
 * covers: their other addresses are covered too, unless something else leads there. The allowlist covers its ranges,
 * and every address of a submitted name that it matches itself. Names that are not known are never looked up.
 *
 * Costs what the names bring, however many rules there are. Can be interrupted at each `yield`.
 */
export function* scopeInSteps(
  rules: CompiledRules,
  names: KnownNames = NO_NAMES,
): Generator<undefined, Scope> {
  // Without an exclusion no name needs to be looked at: there may be a million.
  const known = rules.count === 0 ? NO_NAMES : names;
  const ofNames = new Map<number, AddressRange[]>();
  let seen = 0;
  for (const each of [known.excluded, known.submitted])
    for (const [name, { addresses, chain }] of each) {
      if (++seen % NAMES_STEP === 0) yield;
      const index = rules.matching(name, chain);
      if (index !== undefined) add(ofNames, index, addresses.map(singleAddress));
    }
  const covered =
    ofNames.size === 0 ? rules.layers : yield* rules.layers.withLayer(ofNames, { throughNat64: true });
  const excludedName: NameMatcher = (name, { addresses, chain }) =>
    addresses.reduce(
      (index, address) => lowest(index, covered.labelAt(address)),
      rules.matching(name, chain),
    );
  const excludedNames = new Map<string, number>();
  const barred = new Map<number, AddressRange[]>();
  const found = yield* barredAddresses(known, excludedName, excludedNames, (each) => covered.labelAt(each));
  for (const [address, index] of found) add(barred, index, [singleAddress(address)]);
  const layers = barred.size === 0 ? covered : yield* covered.withLayer(barred, { throughNat64: false });
  yield;
  const matches: NameMatcher = (name, each) => lowest(excludedName(name, each), excludedNames.get(name));
  return new Scope(rules, layers, matches, yield* allowedInSteps(rules, names));
}

function add(to: Map<number, AddressRange[]>, index: number, ranges: readonly AddressRange[]): void {
  const there = to.get(index);
  if (there === undefined) to.set(index, [...ranges]);
  else there.push(...ranges);
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

/** What the allowlist allows: its ranges, and the addresses of the submitted names that it matches. */
function* allowedInSteps(
  { allowlist }: CompiledRules,
  { submitted }: KnownNames,
): Generator<undefined, AddressSet | undefined> {
  if (allowlist === undefined) return undefined;
  const ofNames: AddressRange[] = [];
  let seen = 0;
  for (const [name, { addresses }] of submitted) {
    if (++seen % NAMES_STEP === 0) yield;
    if (allowlist.matches(name)) for (const address of addresses) ofNames.push(singleAddress(address));
  }
  return union(allowlist.ranges, fromRanges(ofNames));
}
