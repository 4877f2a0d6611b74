import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { portShardsOf } from '../../nmap/portShards.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { KEPT } from '../../targets/entries/entry.ts';
import { decodeResolved } from '../../targets/resolutionCodec.ts';
import { type Exclusion, parseRuleEntry } from '../../targets/scope/rules.ts';
import { addressIndex } from '../../targets/sets/addressIndex.ts';
import { type AddressSet, count, EMPTY, has } from '../../targets/sets/addressSet.ts';
import type { ScopeServices } from './coverage.ts';

/** What the entries of a list are about, in the scans that are looked at. */
export class EntryMatches {
  /** Tasks of all addresses that the entries are about. */
  tasks = 0;
  readonly #exclusions: readonly Exclusion[];
  readonly #services: ScopeServices;
  readonly #matched = new Set<string>();

  constructor(exclusions: readonly Exclusion[], services: ScopeServices) {
    this.#exclusions = exclusions;
    this.#services = services;
  }

  /**
   * Whether they are about any target of the scan. Of one that is still being planned nobody knows.
   * @throws ScopeError when names do not resolve
   */
  async look(facts: SubmissionFacts, receipt: string): Promise<boolean> {
    const { scopeCache, targetStore } = this.#services;
    const exclusions = this.#exclusions;
    const scope = await scopeCache.only({ key: `${receipt} ${exclusions.length}`, exclusions }, facts);
    if (facts.total === undefined) return true;
    const accepted = (await targetStore.accepted(facts.id)) ?? EMPTY;
    const { forbidden } = scope.split(accepted);
    const covered = Number(count(forbidden));
    if (covered === 0) return false;
    this.tasks += covered * portShardsOf(facts.options).length;
    // By index. Also names that only the rules are about: what they lead to may be a target by itself.
    for (const first of scope.countRefused({ forbidden, private_ip: EMPTY }).exclusions.keys())
      this.#matched.add(exclusions[first]?.entry ?? '');
    await this.#match(facts, accepted);
    return true;
  }

  unmatched(): string[] {
    return this.#exclusions.map(({ entry }) => entry).filter((entry) => !this.#matched.has(entry));
  }

  /** One by one: entries may overlap, and each of them has its targets then. */
  async #match({ id, names }: SubmissionFacts, accepted: AddressSet): Promise<void> {
    const index = addressIndex(accepted);
    const open = this.#exclusions.filter(({ entry }) => !this.#matched.has(entry));
    const rules = open.map(({ entry }) => ({ entry, result: parseRuleEntry(entry, KEPT) }));
    const isAboutNames = rules.some(({ result }) => result.ok && result.rule.kind !== 'ranges');
    const leading = isAboutNames && names > 0 ? await this.#namesLeadingTo(id, accepted) : [];
    for (const { entry, result } of rules) {
      if (!result.ok) continue;
      const { rule } = result;
      const isAbout = (name: string) =>
        rule.kind === 'name'
          ? name === rule.name
          : rule.kind === 'pattern' && name.endsWith(`.${rule.domain}`);
      const matches =
        rule.kind === 'ranges'
          ? rule.ranges.some((range) => index.within(range) > 0n)
          : leading.some(isAbout);
      if (matches) this.#matched.add(entry);
    }
  }

  /** The names of a scan that lead to one of its targets. */
  async #namesLeadingTo(id: string, accepted: AddressSet): Promise<string[]> {
    const { resolved } = await this.#services.plans.found(id);
    return resolved.flatMap(decodeResolved).flatMap(([name, resolution]) => {
      const addresses = 'addresses' in resolution ? resolution.addresses : [];
      const leads = addresses.some((ip) => {
        const address = parseAddress(ip);
        return address !== undefined && has(accepted, address);
      });
      return leads ? [name] : [];
    });
  }
}
