import type { RefusalDetail } from '../../model/refusal.ts';
import type { Address } from '../address/address.ts';
import {
  type AddressSet,
  countInSteps,
  has,
  intersectInSteps,
  subtractInSteps,
  unionInSteps,
} from '../sets/addressSet.ts';
import { finished } from '../sets/intervals.ts';
import type { CompiledRules } from './compiledRules.ts';
import type { LabelLayers } from './labelLayers.ts';
import { breakdownOf, type RefusalCount } from './refusalBreakdown.ts';
import { countByRow, rowOf, type SpecialPurposeRow, specialPurposeSet } from './specialPurpose.ts';

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

/** What a name was found to be. */
export interface KnownName {
  /** All of them, of both families: what is left out here is not excluded. */
  addresses: readonly Address[];
  /** Its CNAME targets in order. */
  chain: readonly string[];
}

/** The index of the first exclusion that matches a name, one of its chain, or one of its addresses. */
export type NameMatcher = (name: string, known: KnownName) => number | undefined;

/**
 * What may be scanned. The order of the rules is this: an exclusion wins over everything (`forbidden`), then what an
 * address is by the registries (`private_ip`), then the allowlist (`forbidden`), which narrows and never widens.
 */
export class Scope {
  readonly #rules: CompiledRules;
  /** Labels are indexes of exclusions: the first one that covers an address is the one that is named. */
  readonly #exclusions: LabelLayers;
  readonly #special: AddressSet;
  readonly #allowed: AddressSet | undefined;
  readonly #excludedName: NameMatcher;

  /**
   * Through {@link compileScope}.
   *
   * @param exclusions what the exclusions cover, by themselves and through names
   * @param allowed what the allowlist allows; undefined: everything
   */
  constructor(
    rules: CompiledRules,
    exclusions: LabelLayers,
    excludedName: NameMatcher,
    allowed: AddressSet | undefined,
  ) {
    this.#rules = rules;
    this.#exclusions = exclusions;
    this.#excludedName = excludedName;
    this.#special = specialPurposeSet(rules);
    this.#allowed = allowed;
  }

  /** Whether one address is accepted. O(log n). */
  allows(address: Address): boolean {
    return !this.#isClosed(address) && (this.#allowed === undefined || has(this.#allowed, address));
  }

  /** Whether the allowlist has an address when no more than these names lead to it. */
  isAllowlisted(address: Address, names: readonly string[]): boolean {
    const { allowlist } = this.#rules;
    if (allowlist === undefined) return true;
    return has(allowlist.ranges, address) || names.some((name) => allowlist.matches(name));
  }

  /** Whether one address is accepted when no more than these names lead to it. */
  allowsFor(address: Address, names: readonly string[]): boolean {
    return !this.#isClosed(address) && this.isAllowlisted(address, names);
  }

  #isClosed(address: Address): boolean {
    return this.#exclusions.covers(address) || has(this.#special, address);
  }

  split(set: AddressSet): SplitSet {
    return finished(this.splitInSteps(set));
  }

  *splitInSteps(set: AddressSet): Generator<undefined, SplitSet> {
    const excluded = yield* this.#exclusions.coveredInSteps(set);
    const open = yield* subtractInSteps(yield* subtractInSteps(set, excluded), this.#special);
    const special = yield* intersectInSteps(set, this.#special);
    const private_ip = yield* subtractInSteps(special, excluded);
    if (this.#allowed === undefined) return { accepted: open, private_ip, forbidden: excluded };
    const accepted = yield* intersectInSteps(open, this.#allowed);
    const notAllowed = yield* subtractInSteps(open, this.#allowed);
    return { accepted, private_ip, forbidden: yield* unionInSteps(excluded, notAllowed) };
  }

  /** Why the address is refused; undefined when it is accepted. Agrees with {@link split}. */
  judge(address: Address): Refusal | undefined {
    const exclusion = this.#exclusions.labelAt(address);
    if (exclusion !== undefined) return { reason: 'forbidden', detail: this.#exclusionDetail(exclusion) };
    const row = rowOf(address, this.#rules);
    if (row !== undefined) return { reason: 'private_ip', detail: rowDetail(row) };
    if (this.#allowed === undefined || has(this.#allowed, address)) return undefined;
    return NOT_ALLOWED;
  }

  /**
   * The exclusion that a name falls under: itself, through a name of its CNAME chain, or because one of its addresses
   * is excluded. Such a name leads to no target, whatever else it resolves to, now or when the rules were compiled.
   */
  judgeName(name: string, known: KnownName): Refusal | undefined {
    if (this.#rules.count === 0) return undefined;
    const exclusion = this.#excludedName(name, known);
    return exclusion === undefined
      ? undefined
      : { reason: 'forbidden', detail: this.#exclusionDetail(exclusion) };
  }

  /**
   * How many addresses each rule refused, most first.
   *
   * @param refused sets that {@link split} of this scope refused, or parts of them
   * @param maxRows beyond them the rest of each rule is summed up in one row, so that the counts add up exactly
   */
  breakdown(refused: Omit<SplitSet, 'accepted'>, maxRows: number): RefusalCount[] {
    return finished(this.breakdownInSteps(refused, maxRows));
  }

  *breakdownInSteps(
    { forbidden, private_ip }: Omit<SplitSet, 'accepted'>,
    maxRows: number,
  ): Generator<undefined, RefusalCount[]> {
    const counts: RefusalCount[] = [];
    for (const [index, size] of yield* this.#exclusions.countByLabel(forbidden))
      counts.push({ reason: 'forbidden', detail: this.#exclusionDetail(index), count: size });
    const excluded = yield* this.#exclusions.coveredInSteps(forbidden);
    const byAllowlist = yield* countInSteps(yield* subtractInSteps(forbidden, excluded));
    if (byAllowlist > 0n) counts.push({ reason: 'forbidden', detail: ALLOWLIST_DETAIL, count: byAllowlist });
    for (const [row, size] of yield* countByRow(private_ip))
      counts.push({ reason: 'private_ip', detail: rowDetail(row), count: size });
    return breakdownOf(counts, maxRows);
  }

  #exclusionDetail(index: number): RefusalDetail {
    const { level = '', entry = '' } = this.#rules.exclusionAt(index) ?? {};
    return { rule: 'exclusion', source: level, entry };
  }
}

function rowDetail({ network, name, source }: SpecialPurposeRow): RefusalDetail {
  const authority = source.startsWith('RFC ') ? 'IANA: ' : '';
  return { rule: 'special_purpose', source: `${authority}${name} (${source})`, entry: network };
}
