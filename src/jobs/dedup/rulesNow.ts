import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import { laterRules } from '../../targets/scope/laterRules.ts';
import type { StageContext } from '../runner/stage.ts';

/** The rules that hold for a submission at this moment: of the installation, of its project, of the request itself. */
export type SubmissionRules = Awaited<ReturnType<typeof rulesNow>>;

export async function rulesNow(
  { id, project }: Pick<SubmissionFacts, 'id' | 'project'>,
  { rules, ruleStore, plans }: Pick<StageContext, 'rules' | 'ruleStore' | 'plans'>,
) {
  const [{ shared }, request, later] = await Promise.all([
    rules.now(project),
    plans.exclude(id),
    plans.later(id),
  ]);
  // Together they are ready for use.
  const compiled = await ruleStore.compiled(shared, request, laterRules(later));
  return { shared, request, later, compiled };
}
