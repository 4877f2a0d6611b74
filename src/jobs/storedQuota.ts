import { excessText } from '../adapters/quota/quota.ts';
import type { SubmissionFacts } from '../adapters/submissions/facts.ts';
import { ScopeError } from '../runtime/errors.ts';
import type { StageContext } from './runner/stage.ts';

/**
 * Counts what a submission has come to take in Redis. Names may come to far more than the request was.
 *
 * @throws ScopeError when that is more than the project or the user may have: the plan ends here
 */
export async function countStored(
  facts: SubmissionFacts,
  { submissions }: Pick<StageContext, 'submissions'>,
): Promise<void> {
  const excess = await submissions.measure(facts);
  if (excess !== undefined) throw new ScopeError(excessText(excess, facts.project));
}
