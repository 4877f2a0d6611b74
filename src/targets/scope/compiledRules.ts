/** Scope rules made ready for use, without anything that depends on a submission: compiled once, used by many. */
import { ScopeError } from '../../runtime/errors.ts';
import type { Address } from '../address/address.ts';
import { firstMatch, type HostIndex, type HostRule, indexHosts, lowest } from '../entries/hostPattern.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { RangeSum } from '../sets/rangeLimit.ts';
import { type LabelLayers, labelIn, withLayer } from './labelLayers.ts';
import { type Exclusion, type Level, type RuleEntry, readRule } from './rules.ts';

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
  /** What the exclusions cover by themselves. */
  layers: LabelLayers;
  /** undefined: everything that is globally reachable. */
  allowlist: Allowlist | undefined;
}

export interface Allowlist {
  ranges: AddressSet;
  rangeCount: number;
  hosts: HostIndex;
}

/** What a list of exclusions adds to the rules below it. */
export type CompiledList = Pick<CompiledRules, 'ranges' | 'layers'> & {
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

/** The names that exclusions name. */
export function namedBy({ hosts }: CompiledRules): string[] {
  return hosts.flatMap(({ names }) => [...names.keys()]);
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
    (index, address) => lowest(index, labelIn(covered, address)),
    matching(rules, name, chain),
  );
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
    layers: [],
    allowlist,
  };
}

/**
 * What more exclusions come to behind those that are there. Costs what is new: 100,000 IPv4 exclusions take some 0.5 s.
 *
 * @param lines one exclusion each: 100,000 objects would take longer on their way to a thread than in it
 * @throws Error naming one that cannot be read; ScopeError when they make too many ranges
 */
export function compileList(
  { count, ranges, layers }: Pick<CompiledRules, 'count' | 'ranges' | 'layers'>,
  level: Level,
  lines: string,
): CompiledList {
  const read = readRules(lines.split('\n'), `exclusions (${level})`, ranges);
  const hosts = read.hosts.map(([index, rule]) => [count + index, rule] as const);
  const labelled = rangesByLabel(read.rules, count);
  return {
    ranges: read.rangeCount,
    hosts: hosts.length === 0 ? undefined : indexHosts(hosts),
    layers: withLayer(layers, labelled, { throughNat64: true }),
  };
}

/** These rules and the list that was compiled for them. */
export function withList(
  base: CompiledRules,
  exclusions: readonly Exclusion[],
  { ranges, hosts, layers }: CompiledList,
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
    layers,
  };
}

/** @throws Error naming a rule that cannot be read; ScopeError when they make too many ranges */
export function compileAllowlist(allowed: readonly string[]): Allowlist {
  const { rules, rangeCount, hosts } = readRules(allowed, 'ALLOWED_HOSTS', 0);
  const addresses = new AddressSetBuilder();
  for (const [, range] of rangesByLabel(rules, 0)) addresses.add(range);
  return { ranges: addresses.toSet(), rangeCount, hosts: indexHosts(hosts) };
}

/** @param before ranges that count already */
function readRules(
  typed: readonly string[],
  list: string,
  before: number,
): { rules: RuleEntry[]; rangeCount: number; hosts: [index: number, rule: HostRule][] } {
  const rules = typed.map((entry) => readRule(entry, list));
  const hosts: [number, HostRule][] = [];
  // Counted before anything is made: what an earlier version took may be too much for any process.
  const sum = new RangeSum(before);
  for (const [index, rule] of rules.entries())
    if (rule.kind === 'ranges') sum.add(typed[index] ?? '', rule.rangeCount);
    else hosts.push([index, rule]);
  const problem = sum.problem();
  // Nothing is scanned under rules that are not all applied.
  if (problem !== undefined) throw new ScopeError(`${list}: ${problem}; nothing is scanned until then`);
  return { rules, rangeCount: sum.total, hosts };
}

function* rangesByLabel(
  rules: readonly RuleEntry[],
  first: number,
): Generator<[label: number, range: AddressRange]> {
  for (const [index, rule] of rules.entries())
    if (rule.kind === 'ranges') for (const range of rule.ranges) yield [first + index, range];
}
