import type { SharedRules } from '../../adapters/scopeRules/ruleStore.ts';
import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { CompiledRules } from '../../targets/scope/compiledRules.ts';
import type { StageContext } from '../runner/stage.ts';

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
