/** Scope rules made ready for use, without anything that depends on a submission: compiled once, used by many. */
import { ScopeError } from '../../runtime/errors.ts';
import { firstMatch, type HostRule, lowest } from '../entries/hostPattern.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { finished } from '../sets/intervals.ts';
import { RangeSum } from '../sets/rangeLimit.ts';
import { LabelLayers } from './labelLayers.ts';
import {
  type Exclusion,
  RULES_STEP,
  type RuleEntry,
  readExclusionsInSteps,
  readRule,
  type ScopeRules,
} from './rules.ts';

/** What is held for a range, about, and for a rule beside its text. */
const RANGE_BYTES = 32;
const RULE_BYTES = 300;

export interface CompiledRules {
  allowPrivate: boolean;
  /** How many exclusions there are. Their indexes are the labels. */
  count: number;
  /** Separate ranges of all of them and of the allowlist; never more than {@link MOST_RULE_RANGES}. */
  ranges: number;
  /** About how many bytes those of project and request take here. */
  ownBytes: number;
  exclusionAt(index: number): Exclusion | undefined;
  /** Whether any exclusion is a name or a pattern. */
  aboutNames: boolean;
  /** The names that exclusions name. */
  names: readonly string[];
  /** The first exclusion that matches a name or one of its CNAME chain. */
  matching(name: string, chain: readonly string[]): number | undefined;
  /** What the exclusions cover by themselves. */
  layers: LabelLayers;
  /** undefined: everything that is globally reachable. */
  allowlist: { ranges: AddressSet; rangeCount: number; matches(name: string): boolean } | undefined;
}

/** Whether the names of a submission, and what they came to, make a difference. */
export function lookAtNames({ allowlist, count }: CompiledRules): boolean {
  return allowlist !== undefined || count > 0;
}

/** @throws Error naming a rule that cannot be read */
export function compileRules(rules: ScopeRules): CompiledRules {
  return finished(compileRulesInSteps(rules));
}

/** {@link compileRules} that can be interrupted at each `yield`: 100,000 IPv4 exclusions take some 0.5 s. */
export function* compileRulesInSteps({
  allowPrivate,
  allowed,
  exclusions,
}: ScopeRules): Generator<undefined, CompiledRules> {
  const allowlist = yield* allowlistInSteps(allowed);
  const none: CompiledRules = {
    allowPrivate,
    count: 0,
    ranges: allowlist?.rangeCount ?? 0,
    ownBytes: 0,
    exclusionAt: () => undefined,
    aboutNames: false,
    names: [],
    matching: () => undefined,
    layers: LabelLayers.NONE,
    allowlist,
  };
  return yield* withExclusionsInSteps(none, exclusions);
}

/**
 * These rules and more exclusions behind those that are there. Costs what is new.
 *
 * @throws Error naming one that cannot be read
 */
export function* withExclusionsInSteps(
  base: CompiledRules,
  more: readonly Exclusion[],
): Generator<undefined, CompiledRules> {
  if (more.length === 0) return base;
  const rules = yield* readExclusionsInSteps(more);
  // Counted before anything is made: what an earlier version took may be too much for any process.
  const sum = new RangeSum(base.ranges);
  let characters = 0;
  for (const [index, rule] of rules.entries()) {
    const { entry } = more[index] as Exclusion;
    characters += entry.length;
    if (rule.kind === 'ranges') sum.add(entry, rule.rangeCount);
  }
  refuseTooMany(sum, `exclusions (${more[0]?.level})`);
  const names = rules.flatMap((rule) => (rule.kind === 'name' ? [rule.name] : []));
  const hasRanges = rules.some(({ kind }) => kind === 'ranges');
  const aboutNames = rules.some(({ kind }) => kind !== 'ranges');
  return {
    ...base,
    count: base.count + more.length,
    ranges: sum.total,
    ownBytes:
      more[0]?.level === 'installation'
        ? 0
        : base.ownBytes + (sum.total - base.ranges) * RANGE_BYTES + more.length * RULE_BYTES + characters,
    exclusionAt: (index) => (index < base.count ? base.exclusionAt(index) : more[index - base.count]),
    aboutNames: base.aboutNames || aboutNames,
    names: [...base.names, ...names],
    matching: aboutNames ? matchingAlso(base, rules) : base.matching,
    layers: hasRanges
      ? yield* base.layers.withLayer(rangesByLabel(rules, base.count), { throughNat64: true })
      : base.layers,
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

function matchingAlso(base: CompiledRules, more: readonly RuleEntry[]): CompiledRules['matching'] {
  const first = firstMatch(more.map((rule) => (rule.kind === 'ranges' ? undefined : rule)));
  return (name, chain) => {
    const below = base.matching(name, chain);
    if (below !== undefined) return below;
    const index = chain.reduce((found, target) => lowest(found, first(target)), first(name));
    return index === undefined ? undefined : base.count + index;
  };
}

function* allowlistInSteps(
  allowed: readonly string[] | undefined,
): Generator<undefined, CompiledRules['allowlist']> {
  if (allowed === undefined) return undefined;
  const rules: RuleEntry[] = [];
  const sum = new RangeSum();
  for (const [i, typed] of allowed.entries()) {
    if (i % RULES_STEP === RULES_STEP - 1) yield;
    const rule = readRule(typed, 'ALLOWED_HOSTS');
    rules.push(rule);
    if (rule.kind === 'ranges') sum.add(typed, rule.rangeCount);
  }
  refuseTooMany(sum, 'ALLOWED_HOSTS');
  const hosts: HostRule[] = [];
  const addresses = new AddressSetBuilder();
  for (const rule of rules) {
    if (rule.kind !== 'ranges') hosts.push(rule);
    else for (const range of rule.ranges) addresses.add(range);
    if (rule.kind === 'ranges' && rule.rangeCount > 1) yield;
  }
  const first = firstMatch(hosts);
  const ranges = yield* addresses.toSetInSteps();
  return { ranges, rangeCount: sum.total, matches: (name) => first(name) !== undefined };
}
