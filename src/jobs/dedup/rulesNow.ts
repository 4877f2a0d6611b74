import type { SubmissionFacts } from '../../adapters/submissions/facts.ts';
import type { StageContext } from '../runner/stage.ts';

/** The rules that hold for a submission at this moment: of the installation, of its project, of the request itself. */
export type SubmissionRules = Awaited<ReturnType<typeof rulesNow>>;

export async function rulesNow(
  { id, project }: Pick<SubmissionFacts, 'id' | 'project'>,
  { rules, ruleStore, plans }: Pick<StageContext, 'rules' | 'ruleStore' | 'plans'>,
) {
  const [{ shared }, request] = await Promise.all([rules.now(project), plans.exclude(id)]);
  // Together they are ready for use.
  return { shared, request, compiled: await ruleStore.compiled(shared, request) };
}
