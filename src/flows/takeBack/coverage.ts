/** Which tasks the exclusions of a receipt are about: what the compiled rules say, and nothing else. */
import { counts } from '../../adapters/scopeRules/exclusion.ts';
import type { Receipt } from '../../adapters/scopeRules/receiptStore.ts';
import type { RuleBook } from '../../adapters/scopeRules/ruleBook.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import type { ScopeCache } from '../../jobs/publish/scopeCache.ts';
import { messageOf } from '../../runtime/errors.ts';
import { parseAddress } from '../../targets/address/address.ts';
import { laterRules } from '../../targets/scope/laterRules.ts';
import type { Exclusion } from '../../targets/scope/rules.ts';
import type { Scope } from '../../targets/scope/scope.ts';
import type { FlowServices } from '../flowServices.ts';

export interface ScopeServices extends FlowServices {
  rules: Pick<RuleBook, 'now'>;
  scopeCache: ScopeCache;
}

/** `unknown`: the rules cannot be applied, because names do not resolve: nobody can say that it is not covered. */
type Covered = 'yes' | 'no' | 'unknown';

/** Of one receipt, at one moment. */
export class Coverage {
  readonly #receipt: Receipt;
  readonly #services: ScopeServices;
  /** undefined: each submission has its own. */
  readonly #ofAll: readonly Exclusion[] | undefined;
  readonly #scopes = new Map<string, Promise<Scope | 'unknown' | undefined>>();
  readonly #facts = new Map<string, Promise<SubmissionFacts | undefined>>();

  private constructor(receipt: Receipt, ofAll: readonly Exclusion[] | undefined, services: ScopeServices) {
    this.#receipt = receipt;
    this.#ofAll = ofAll;
    this.#services = services;
  }

  /** undefined: none of the exclusions holds any more. */
  static async of(receipt: Receipt, services: ScopeServices): Promise<Coverage | undefined> {
    const { of, project } = receipt;
    if (of === 'submissions') return new Coverage(receipt, undefined, services);
    if (of === 'installation')
      return new Coverage(receipt, await rulesOfInstallation(project, services), services);
    const { exclusions, nowMs } = await services.exclusions.all(project);
    const own = [...exclusions.values()]
      .filter((exclusion) => exclusion.id === receipt.id && counts(exclusion, nowMs))
      .map(({ entry }): Exclusion => ({ level: 'project', entry }));
    return own.length === 0 ? undefined : new Coverage(receipt, own, services);
  }

  async covers({ ip, submission }: Pick<TaskOut, 'ip' | 'submission'>): Promise<Covered> {
    const address = parseAddress(ip ?? '');
    if (address === undefined) return 'no';
    const scope = await this.scopeOf(submission);
    if (scope === undefined || scope === 'unknown') return scope === undefined ? 'no' : 'unknown';
    return scope.judge(address)?.reason === 'forbidden' ? 'yes' : 'no';
  }

  /** What they refuse of a submission; undefined: nothing. Where its submission is not known, names count for nothing. */
  scopeOf(submission: string | undefined): Promise<Scope | 'unknown' | undefined> {
    const id = submission ?? '';
    const known = this.#scopes.get(id) ?? this.#compile(id);
    this.#scopes.set(id, known);
    return known;
  }

  async #compile(submission: string): Promise<Scope | 'unknown' | undefined> {
    const { scopeCache, log } = this.#services;
    const facts = submission === '' ? undefined : await this.#find(submission);
    const { id, version = '' } = this.#receipt;
    const exclusions = this.#ofAll ?? (facts && (await this.#later(facts)));
    if (exclusions === undefined || exclusions.length === 0) return undefined;
    try {
      return await scopeCache.only({ key: `${id} ${version} ${exclusions.length}`, exclusions }, facts);
    } catch (error) {
      const why = messageOf(error);
      log.warn({ submission, err: why }, 'the rules cannot be applied to tasks that are out');
      return 'unknown';
    }
  }

  async #later({ id }: SubmissionFacts): Promise<Exclusion[]> {
    return laterRules((await this.#services.plans.later(id)).filter((list) => list.id === this.#receipt.id));
  }

  #find(id: string): Promise<SubmissionFacts | undefined> {
    const known = this.#facts.get(id) ?? this.#services.submissions.find(id);
    this.#facts.set(id, known);
    return known;
  }
}

/** What the installation excludes, all of it. */
export async function rulesOfInstallation(
  project: string,
  { rules }: Pick<ScopeServices, 'rules'>,
): Promise<Exclusion[]> {
  const { shared } = await rules.now(project);
  return shared.installation.exclusions.map((entry) => ({ level: 'installation', entry }));
}
