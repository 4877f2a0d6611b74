/** Scope rules made ready for use, without anything that depends on a submission: compiled once, used by many. */
import { type AddressRange, type AddressSet, fromRanges } from './addressSet.ts';
import { finished } from './boundaries.ts';
import { firstMatch, type HostRule, lowest } from './hostPattern.ts';
import { LabelLayers } from './labelLayers.ts';
import { throughNat64 } from './nat64.ts';
import {
  type Exclusion,
  RULES_STEP,
  type RuleEntry,
  readExclusionsInSteps,
  readRule,
  type ScopeRules,
} from './rules.ts';

export interface CompiledRules {
  allowPrivate: boolean;
  /** How many exclusions there are. Their indexes are the labels. */
  count: number;
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
  allowlist: { ranges: AddressSet; matches(name: string): boolean } | undefined;
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
  const none: CompiledRules = {
    allowPrivate,
    count: 0,
    exclusionAt: () => undefined,
    aboutNames: false,
    names: [],
    matching: () => undefined,
    layers: LabelLayers.NONE,
    allowlist: yield* allowlistInSteps(allowed),
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
  const ranges = new Map<number, readonly AddressRange[]>();
  const names: string[] = [];
  for (const [index, rule] of rules.entries()) {
    if (index % RULES_STEP === RULES_STEP - 1) yield;
    if (rule.kind === 'ranges') ranges.set(base.count + index, withNat64(rule.ranges));
    else if (rule.kind === 'name') names.push(rule.name);
  }
  const aboutNames = rules.some(({ kind }) => kind !== 'ranges');
  return {
    ...base,
    count: base.count + more.length,
    exclusionAt: (index) => (index < base.count ? base.exclusionAt(index) : more[index - base.count]),
    aboutNames: base.aboutNames || aboutNames,
    names: [...base.names, ...names],
    matching: aboutNames ? matchingAlso(base, rules) : base.matching,
    layers: ranges.size === 0 ? base.layers : yield* base.layers.withLayer(ranges),
  };
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
  const ranges: AddressRange[] = [];
  const hosts: HostRule[] = [];
  for (const [i, typed] of allowed.entries()) {
    if (i % RULES_STEP === RULES_STEP - 1) yield;
    const rule = readRule(typed, 'ALLOWED_HOSTS');
    if (rule.kind !== 'ranges') hosts.push(rule);
    else for (const range of rule.ranges) ranges.push(range);
  }
  const first = firstMatch(hosts);
  return { ranges: fromRanges(ranges), matches: (name) => first(name) !== undefined };
}

/** Who excludes an IPv4 address also excludes the way to it through a translator. */
export function withNat64(ranges: readonly AddressRange[]): AddressRange[] {
  return ranges.flatMap((range) => {
    const translated = throughNat64(range);
    return translated === undefined ? [range] : [range, translated];
  });
}
