import type { SharedRules } from '../../adapters/scopeRules/ruleStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { PlanRules, ResolvedName } from '../../model/submission.ts';
import { inTurns } from '../../runtime/turns.ts';
import { knownNames } from '../../targets/mergeNames.ts';
import type { CompiledRules } from '../../targets/scope/compiledRules.ts';
import { scopeInSteps } from '../../targets/scope/compileScope.ts';
import type { KnownName, Scope } from '../../targets/scope/scope.ts';
import type { AddressSet } from '../../targets/sets/addressSet.ts';
import type { StageContext } from '../runner/stage.ts';
import { excludedNames } from './excludedNames.ts';

/** The rules that hold for a submission: of the installation, of its project, of the request itself. */
export interface SubmissionRules {
  shared: SharedRules;
  request: readonly string[];
  /** All of them, ready for use. */
  compiled: CompiledRules;
}

/** What holds at this moment. */
export async function rulesNow(
  { id, project }: Pick<SubmissionFacts, 'id' | 'project'>,
  { rules, ruleStore, plans }: Pick<StageContext, 'rules' | 'ruleStore' | 'plans'>,
): Promise<SubmissionRules> {
  const [{ shared }, request] = await Promise.all([rules.now(project), plans.exclude(id)]);
  return { shared, request, compiled: await ruleStore.compiled(shared, request) };
}

/** Makes the rules ready for the names of a submission and its listed addresses, and says what they were. */
export async function scopeForPlanning(
  facts: SubmissionFacts,
  {
    rules,
    resolved,
    submitted,
    listed,
  }: {
    rules: SubmissionRules;
    resolved: readonly ResolvedName[];
    submitted: ReadonlyMap<string, KnownName>;
    listed: AddressSet;
  },
  context: StageContext,
): Promise<{ scope: Scope; planRules: PlanRules }> {
  const allowUnresolved = facts.options.allow_unresolved_exclusions === true;
  const { shared, request, compiled } = rules;
  const lookup = { rules: compiled, submitted: resolved, allowUnresolved };
  const excluded = await excludedNames(lookup, context.resolver, context.signal);
  const names = { submitted, excluded: await inTurns(knownNames(excluded)), listed };
  return {
    scope: await inTurns(scopeInSteps(compiled, names)),
    planRules: { shared: shared.ref, request, excluded },
  };
}
