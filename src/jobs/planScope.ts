import type { PlanRules, ResolvedName } from '../adapters/submission.ts';
import type { SubmissionFacts } from '../adapters/submissionFacts.ts';
import type { AddressSet } from '../targets/addressSet.ts';
import { compileScopeInSteps } from '../targets/compileScope.ts';
import type { ScopeRules } from '../targets/rules.ts';
import type { KnownName, Scope } from '../targets/scope.ts';
import { inTurns } from '../turns.ts';
import { excludedNames } from './excludedNames.ts';
import { knownNames } from './foundTargets.ts';
import type { StageContext } from './stage.ts';

/** The rules that hold for a submission at this moment: of the installation, of its project, of the request itself. */
export async function rulesNow(
  { id, project }: Pick<SubmissionFacts, 'id' | 'project'>,
  { rules, plans }: Pick<StageContext, 'rules' | 'plans'>,
): Promise<ScopeRules> {
  const [{ rules: shared }, exclude] = await Promise.all([rules.now(project), plans.exclude(id)]);
  const own = exclude.map((entry) => ({ level: 'request' as const, entry }));
  return { ...shared, exclusions: [...shared.exclusions, ...own] };
}

/** Makes the rules ready for the names of a submission and its listed addresses, and says what they were. */
export async function planScope(
  facts: SubmissionFacts,
  {
    rules,
    resolved,
    submitted,
    listed,
  }: {
    rules: ScopeRules;
    resolved: readonly ResolvedName[];
    submitted: ReadonlyMap<string, KnownName>;
    listed: AddressSet;
  },
  context: StageContext,
): Promise<{ scope: Scope; planRules: PlanRules }> {
  const allowUnresolved = facts.options.allow_unresolved_exclusions === true;
  const lookup = { rules, submitted: resolved, allowUnresolved };
  const excluded = await excludedNames(lookup, context.resolver, context.signal);
  const names = { submitted, excluded: await inTurns(knownNames(excluded)), listed };
  return { scope: await inTurns(compileScopeInSteps(rules, names)), planRules: { rules, excluded } };
}
