import { batchCount, LANES } from './batches.ts';
import type { Stage } from './stage.ts';

/** Ends the planning: the target set is cut into batches, and the lanes begin with theirs. */
export const split: Stage = {
  name: 'split',
  description: 'The target set is cut into batches of 250; four lanes begin to publish them.',
  attempts: 5,
  backoffMs: 1_000,
  concurrency: 16,
  async run({ submission }, { submissions, decisions, inject }) {
    const facts = await submissions.facts(submission);
    if (facts.state === 'stopped') return { stopped: true };
    if (facts.kind === 'plan') {
      await decisions.endPlanning(facts);
      return { targets: facts.targets };
    }
    const batches = batchCount(facts.total ?? 0);
    const first = Array.from({ length: Math.min(LANES, batches) }, (_, index) => ({ submission, index }));
    await inject('publish', first);
    await decisions.endPlanning(facts);
    return { targets: facts.targets, tasks: facts.total, batches };
  },
};
