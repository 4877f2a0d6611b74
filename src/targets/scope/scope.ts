import type { RefusalDetail } from '../../model/refusal.ts';
import type { Address } from '../address/address.ts';
import { firstMatch, lowest } from '../entries/hostPattern.ts';
import { type AddressSet, count, has, intersect, subtract, union } from '../sets/addressSet.ts';
import { type CompiledRules, excludedBy, exclusionAt, type KnownName } from './compiledRules.ts';
import { countIn, coveredBy, type LabelLayers, labelIn } from './labelLayers.ts';
import { largestFirst, type RefusalCount } from './refusalBreakdown.ts';
import { countByRow, rowOf, SPECIAL_PURPOSE_ROWS, specialPurposeSet } from './specialPurpose.ts';
import type { SpecialPurposeRow } from './specialPurposeRegistry.ts';

/** The parts of a set; each address is in exactly one. */
export interface SplitSet {
  accepted: AddressSet;
  private_ip: AddressSet;
  forbidden: AddressSet;
}

export interface Refusal {
  reason: 'forbidden' | 'private_ip';
  detail: RefusalDetail;
}

const ALLOWLIST_DETAIL: RefusalDetail = { rule: 'allowlist', source: 'ALLOWED_HOSTS', entry: '' };
export const NOT_ALLOWED: Refusal = { reason: 'forbidden', detail: ALLOWLIST_DETAIL };

/** What the names of a submission make of the rules. Data: a thread may make it. */
export interface ScopeData {
  /** What exclusions cover, by themselves and through the names that they match. */
  covered: LabelLayers;
  /** The same, and what only excluded names lead to. Labels are indexes of exclusions. */
  layers: LabelLayers;
  /** The submitted names that are excluded, each with the first exclusion that counts for it. */
  excludedNames: ReadonlyMap<string, number>;
  /** What the allowlist allows; undefined: everything. */
  allowed: AddressSet | undefined;
}

/** How many addresses each rule refused: exclusions by index, rows of the registries by network. Data as well. */
export interface RefusedCounts {
  exclusions: ReadonlyMap<number, bigint>;
  allowlist: bigint;
  special: ReadonlyMap<number, bigint>;
}

/**
 * What may be scanned. The order of the rules is this: an exclusion wins over everything (`forbidden`), then what an
 * address is by the registries (`private_ip`), then the allowlist (`forbidden`), which narrows and never widens.
 */
export class Scope {
  readonly #rules: CompiledRules;
  readonly #data: ScopeData;

  /** @param data of the same rules, by `scopeData` */
  constructor(rules: CompiledRules, data: ScopeData) {
    this.#rules = rules;
    this.#data = data;
  }

  /** Whether one address is accepted. O(log n). */
  allows(address: Address): boolean {
    return this.judge(address) === undefined;
  }

  /** Whether one address is accepted when no more than these names lead to it. */
  allowsFor(address: Address, names: readonly string[]): boolean {
    if (this.#judgeClosed(address) !== undefined) return false;
    const { allowlist } = this.#rules;
    return (
      allowlist === undefined ||
      has(allowlist.ranges, address) ||
      names.some((name) => firstMatch(allowlist.hosts, name) !== undefined)
    );
  }

  split(set: AddressSet): SplitSet {
    const { layers, allowed } = this.#data;
    const special = specialPurposeSet(this.#rules);
    const excluded = coveredBy(layers, set);
    const rest = subtract(set, excluded);
    const private_ip = intersect(rest, special);
    const open = subtract(rest, special);
    if (allowed === undefined) return { accepted: open, private_ip, forbidden: excluded };
    const accepted = intersect(open, allowed);
    return { accepted, private_ip, forbidden: union(excluded, subtract(open, allowed)) };
  }

  /** Why the address is refused; undefined when it is accepted. Agrees with {@link split}. O(log n). */
  judge(address: Address): Refusal | undefined {
    const { allowed } = this.#data;
    return this.#judgeClosed(address) ?? (allowed && !has(allowed, address) ? NOT_ALLOWED : undefined);
  }

  /** {@link judge} without the allowlist. The first exclusion that covers an address is the one that is named. */
  #judgeClosed(address: Address): Refusal | undefined {
    const excluded = this.#refusalBy(labelIn(this.#data.layers, address));
    if (excluded !== undefined) return excluded;
    const row = rowOf(address, this.#rules);
    return row && { reason: 'private_ip', detail: rowDetail(row) };
  }

  /**
   * The exclusion that a name falls under: itself, through a name of its CNAME chain, or because one of its addresses
   * is excluded. Such a name leads to no target, whatever else it resolves to, now or when the rules were compiled.
   */
  judgeName(name: string, known: KnownName): Refusal | undefined {
    if (this.#rules.count === 0) return undefined;
    const { covered, excludedNames } = this.#data;
    return this.#refusalBy(lowest(excludedBy(this.#rules, covered, name, known), excludedNames.get(name)));
  }

  #refusalBy(index: number | undefined): Refusal | undefined {
    return index === undefined ? index : { reason: 'forbidden', detail: exclusionDetail(this.#rules, index) };
  }

  /** @param refused sets that {@link split} of this scope refused, or parts of them */
  countRefused({ forbidden, private_ip }: Omit<SplitSet, 'accepted'>): RefusedCounts {
    const exclusions = countIn(this.#data.layers, forbidden);
    const excluded = [...exclusions.values()].reduce((sum, size) => sum + size, 0n);
    return { exclusions, allowlist: count(forbidden) - excluded, special: countByRow(private_ip) };
  }

  /** How many addresses each rule refused, most first. */
  breakdown(refused: Omit<SplitSet, 'accepted'>, maxRows: number): RefusalCount[] {
    return breakdownOf(this.#rules, this.countRefused(refused), maxRows);
  }
}

/** @param maxRows beyond them the rest of each rule is summed up in one row, so that the counts add up exactly */
export function breakdownOf(
  rules: CompiledRules,
  { exclusions, allowlist, special }: RefusedCounts,
  maxRows: number,
): RefusalCount[] {
  const counts: RefusalCount[] = [];
  for (const [index, size] of exclusions)
    counts.push({ reason: 'forbidden', detail: exclusionDetail(rules, index), count: size });
  if (allowlist > 0n) counts.push({ reason: 'forbidden', detail: ALLOWLIST_DETAIL, count: allowlist });
  for (const [row, size] of special)
    counts.push({ reason: 'private_ip', detail: rowDetail(SPECIAL_PURPOSE_ROWS[row]), count: size });
  return largestFirst(counts, maxRows);
}

function exclusionDetail(rules: CompiledRules, index: number): RefusalDetail {
  const { level = '', entry = '', by } = exclusionAt(rules, index) ?? {};
  if (level === 'cancel') return { rule: 'cancelled', source: by ?? '', entry };
  return { rule: 'exclusion', source: by === undefined ? level : `${level}: ${by}`, entry };
}

function rowDetail(row: SpecialPurposeRow | undefined): RefusalDetail {
  const { network = '', name = '', source = '' } = row ?? {};
  const authority = source.startsWith('RFC ') ? 'IANA: ' : '';
  return { rule: 'special_purpose', source: `${authority}${name} (${source})`, entry: network };
}
