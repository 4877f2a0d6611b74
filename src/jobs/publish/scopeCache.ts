import { LRUCache } from 'lru-cache';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { ResolvedName } from '../../model/submission.ts';
import { cacheSize } from '../../runtime/cacheSize.ts';
import { lookupUntil } from '../../targets/mergeNames.ts';
import { lookAtNames } from '../../targets/scope/compiledRules.ts';
import type { Exclusion } from '../../targets/scope/rules.ts';
import type { Scope } from '../../targets/scope/scope.ts';
import { EMPTY, encode } from '../../targets/sets/addressSet.ts';
import { excludedNames } from '../dedup/excludedNames.ts';
import { rulesNow } from '../dedup/rulesNow.ts';
import { compileScope } from '../longWork.ts';
import type { StageServices } from '../runner/stage.ts';

/** Submissions whose rules are kept ready for their next batch. */
const MOST_KEPT = 64;
/** Bytes of what projects and requests exclude, for all of them; rules that several share count for each. */
const HEAVIEST_KEPT = 64 * 2 ** 20;
const FAILED_AGAIN_MS = 60_000;
/** Then it is put together anew, which puts off the end of the rules that the submission was planned under. */
const KEEP_MS = 3_600_000;
/** A receipt is asked for again and again until nothing is out. */
const LIST_MS = 60_000;
const NOTHING_FOUND = { expanded: encode(EMPTY), resolved: [] };

interface Kept {
  version: string;
  scope: Scope;
  /** Epoch milliseconds: then one of its names has to be looked up again, or it was kept for long. */
  until: number;
}

type ScopeServices = Pick<StageServices, 'rules' | 'ruleStore' | 'plans' | 'resolver' | 'compute' | 'now'>;

/** The scope rules as they are when tasks are sent. Put together once for each submission and change of the rules. */
export class ScopeCache {
  readonly #services: ScopeServices;
  readonly #kept = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: HEAVIEST_KEPT });

  readonly #lists = new LRUCache<string, Kept>({ max: MOST_KEPT, maxSize: HEAVIEST_KEPT });

  constructor(services: ScopeServices) {
    this.#services = services;
  }

  /**
   * @throws ServiceUnavailableError when the exclusions file cannot be read, or no DNS server answers
   * @throws ScopeError when an excluded name does not resolve that did not count when the submission was planned
   */
  async of(facts: SubmissionFacts, signal: AbortSignal | undefined): Promise<Scope> {
    const { plans, ruleStore, compute, now } = this.#services;
    const shared = (await this.#services.rules.now(facts.project)).version;
    const version = `${shared} ${facts.later}`;
    const kept = this.#kept.get(facts.id);
    if (kept?.version === version && now() < kept.until) return kept.scope;

    const before = await plans.rules(facts.id);
    await ruleStore.putOff(before.shared);
    const { compiled: rules } = await rulesNow(facts, this.#services);
    const { expanded, resolved } = lookAtNames(rules)
      ? await plans.found(facts.id, signal)
      : { expanded: await plans.expanded(facts.id), resolved: [] };
    const names = { submitted: resolved, known: before.excluded };
    const excluded = await excludedNames(facts, rules, names, this.#services, signal);
    const scope = await compileScope({ rules, expanded, resolved, excluded }, compute, signal);
    const until = Math.min(earliestEnd(excluded, now()), now() + KEEP_MS);
    this.#kept.set(facts.id, { version, scope, until }, { size: cacheSize(rules.ownBytes, HEAVIEST_KEPT) });
    return scope;
  }

  /**
   * What a few exclusions alone refuse of a submission, or of tasks that nobody knows the submission of: then names count
   * for nothing. Only the special-purpose table is asked beside them.
   * @throws as {@link of}
   */
  async only(list: ExclusionList, facts: SubmissionFacts | undefined): Promise<Scope> {
    const { plans, ruleStore, compute, now } = this.#services;
    const key = `${facts?.id ?? ''} ${list.key}`;
    const kept = this.#lists.get(key);
    if (kept !== undefined && now() < kept.until) return kept.scope;
    const rules = await ruleStore.compiledAlone(list.exclusions);
    const before = facts && (await plans.rulesIfKnown(facts.id));
    const known = facts && before ? { facts, before } : undefined;
    const { expanded, resolved } = known ? await plans.found(known.facts.id) : NOTHING_FOUND;
    const names = { submitted: resolved, known: known?.before.excluded ?? [] };
    const excluded = known ? await excludedNames(known.facts, rules, names, this.#services, undefined) : [];
    const scope = await compileScope({ rules, expanded, resolved, excluded }, compute);
    const until = Math.min(earliestEnd(excluded, now()), now() + LIST_MS);
    this.#lists.set(key, { version: '', scope, until }, { size: cacheSize(rules.ownBytes, HEAVIEST_KEPT) });
    return scope;
  }
}

/** A list of exclusions by itself, for a receipt. */
export interface ExclusionList {
  /** The same key means the same list. */
  key: string;
  exclusions: readonly Exclusion[];
}

/** When the first of the names has to be looked up again. One that failed, or half of which did, may be better in a moment. */
function earliestEnd(excluded: readonly ResolvedName[], nowMs: number): number {
  const ends = excluded.map(([, resolution]) => {
    if ('failure' in resolution || resolution.unanswered) return nowMs + FAILED_AGAIN_MS;
    return lookupUntil(resolution);
  });
  return ends.reduce((first, end) => Math.min(first, end), Number.POSITIVE_INFINITY);
}
