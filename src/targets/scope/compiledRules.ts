/** Scope rules made ready for use, without anything that depends on a submission: compiled once, used by many. */
import { ScopeError } from '../../runtime/errors.ts';
import type { Address } from '../address/address.ts';
import {
  firstMatch,
  type HostIndex,
  type HostRule,
  indexHosts,
  lowest,
  NO_HOSTS,
} from '../entries/hostPattern.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { RangeSum } from '../sets/rangeLimit.ts';
import { LabelLayers, type LayersData } from './labelLayers.ts';
import { type Exclusion, type RuleEntry, readExclusions, readRule, type ScopeRules } from './rules.ts';

/** What is held for a range, about, and for a rule beside its text. */
const RANGE_BYTES = 32;
const RULE_BYTES = 300;

/** Data, so that a thread can work with it. */
export interface CompiledRules {
  allowPrivate: boolean;
  /** How many exclusions there are. Their indexes, over all lists, are the labels. */
  count: number;
  /** Separate ranges of all of them and of the allowlist; never more than {@link MOST_RULE_RANGES}. */
  ranges: number;
  /** About how many bytes those of project and request take here. */
  ownBytes: number;
  /** The exclusions as typed. */
  lists: readonly (readonly Exclusion[])[];
  /** Where the exclusions about names stand, list by list. */
  hosts: readonly HostIndex[];
  /** The names that exclusions name. */
  names: readonly string[];
  /** What the exclusions cover by themselves. */
  layers: LayersData;
  /** undefined: everything that is globally reachable. */
  allowlist: Allowlist | undefined;
}

export interface Allowlist {
  ranges: AddressSet;
  rangeCount: number;
  hosts: HostIndex;
}

/** What a list of exclusions adds to the rules below it. */
export type CompiledList = Pick<CompiledRules, 'ranges' | 'names' | 'layers'> & {
  /** undefined: none of them is about names. */
  hosts: HostIndex | undefined;
};

/** What a name was found to be. */
export interface KnownName {
  /** All of them, of both families: what is left out here is not excluded. */
  addresses: readonly Address[];
  /** Its CNAME targets in order. */
  chain: readonly string[];
}

/** Whether the names of a submission, and what they came to, make a difference. */
export function lookAtNames({ allowlist, count }: CompiledRules): boolean {
  return allowlist !== undefined || count > 0;
}

/** Whether any exclusion is a name or a pattern. */
export function isAboutNames({ hosts }: CompiledRules): boolean {
  return hosts.length > 0;
}

export function exclusionAt({ lists }: CompiledRules, index: number): Exclusion | undefined {
  let first = 0;
  for (const list of lists) {
    if (index < first + list.length) return list[index - first];
    first += list.length;
  }
  return undefined;
}

/** The first exclusion that matches a name or one of its CNAME chain. */
export function matching(
  { hosts }: Pick<CompiledRules, 'hosts'>,
  name: string,
  chain: readonly string[],
): number | undefined {
  for (const index of hosts) {
    const found = chain.reduce(
      (first, target) => lowest(first, firstMatch(index, target)),
      firstMatch(index, name),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first exclusion that matches a name, one of its chain, or one of its addresses. */
export function excludedBy(
  rules: CompiledRules,
  covered: LabelLayers,
  name: string,
  { addresses, chain }: KnownName,
): number | undefined {
  return addresses.reduce(
    (index, address) => lowest(index, covered.labelAt(address)),
    matching(rules, name, chain),
  );
}

/** @throws Error naming a rule that cannot be read */
export function compileRules({ allowPrivate, allowed, exclusions }: ScopeRules): CompiledRules {
  const none = rulesWithout(allowPrivate, allowed && compileAllowlist(allowed));
  return withList(none, exclusions, compileList(none, exclusions));
}

/** No exclusions. */
export function rulesWithout(allowPrivate: boolean, allowlist: Allowlist | undefined): CompiledRules {
  return {
    allowPrivate,
    count: 0,
    ranges: allowlist?.rangeCount ?? 0,
    ownBytes: 0,
    lists: [],
    hosts: [],
    names: [],
    layers: LabelLayers.NONE.data,
    allowlist,
  };
}

/**
 * What more exclusions come to behind those that are there. Costs what is new: 100,000 IPv4 exclusions take some 0.5 s.
 *
 * @throws Error naming one that cannot be read; ScopeError when they make too many ranges
 */
export function compileList(
  base: Pick<CompiledRules, 'count' | 'ranges' | 'layers'>,
  exclusions: readonly Exclusion[],
): CompiledList {
  const rules = readExclusions(exclusions);
  // Counted before anything is made: what an earlier version took may be too much for any process.
  const sum = new RangeSum(base.ranges);
  for (const [index, rule] of rules.entries())
    if (rule.kind === 'ranges') sum.add(exclusions[index]?.entry ?? '', rule.rangeCount);
  refuseTooMany(sum, `exclusions (${exclusions[0]?.level})`);
  const hosts = rules.flatMap((rule, index): [number, HostRule][] =>
    rule.kind === 'ranges' ? [] : [[base.count + index, rule]],
  );
  const hasRanges = hosts.length < rules.length;
  const layers = new LabelLayers(base.layers);
  const expected = sum.total - base.ranges;
  return {
    ranges: sum.total,
    names: hosts.flatMap(([, rule]) => (rule.kind === 'name' ? [rule.name] : [])),
    hosts: hosts.length === 0 ? undefined : indexHosts(hosts),
    layers: hasRanges
      ? layers.withLayer(rangesByLabel(rules, base.count), { throughNat64: true, expected }).data
      : base.layers,
  };
}

/** These rules and the list that was compiled for them. */
export function withList(
  base: CompiledRules,
  exclusions: readonly Exclusion[],
  { ranges, names, hosts, layers }: CompiledList,
): CompiledRules {
  if (exclusions.length === 0) return base;
  const characters = exclusions.reduce((sum, { entry }) => sum + entry.length, 0);
  const bytes = (ranges - base.ranges) * RANGE_BYTES + exclusions.length * RULE_BYTES + characters;
  return {
    ...base,
    count: base.count + exclusions.length,
    ranges,
    ownBytes: exclusions[0]?.level === 'installation' ? 0 : base.ownBytes + bytes,
    lists: [...base.lists, exclusions],
    hosts: hosts === undefined ? base.hosts : [...base.hosts, hosts],
    names: [...base.names, ...names],
    layers,
  };
}

function* rangesByLabel(
  rules: readonly RuleEntry[],
  first: number,
): Generator<[label: number, ranges: readonly AddressRange[]]> {
  for (const [index, rule] of rules.entries()) if (rule.kind === 'ranges') yield [first + index, rule.ranges];
}

/** Nothing is scanned under rules that are not all applied. */
function refuseTooMany(sum: RangeSum, list: string): void {
  const problem = sum.problem();
  if (problem !== undefined) throw new ScopeError(`${list}: ${problem}; nothing is scanned until then`);
}

/** @throws Error naming a rule that cannot be read */
export function compileAllowlist(allowed: readonly string[]): Allowlist {
  const rules = allowed.map((typed) => readRule(typed, 'ALLOWED_HOSTS'));
  const sum = new RangeSum();
  for (const [index, rule] of rules.entries())
    if (rule.kind === 'ranges') sum.add(allowed[index] ?? '', rule.rangeCount);
  refuseTooMany(sum, 'ALLOWED_HOSTS');
  const hosts: [number, HostRule][] = [];
  const addresses = new AddressSetBuilder();
  for (const [index, rule] of rules.entries()) {
    if (rule.kind !== 'ranges') hosts.push([index, rule]);
    else for (const range of rule.ranges) addresses.add(range);
  }
  const index = hosts.length === 0 ? NO_HOSTS : indexHosts(hosts);
  return { ranges: addresses.toSet(), rangeCount: sum.total, hosts: index };
}
