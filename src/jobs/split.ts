import { batchCount, batchLength, LANES, nextBatches } from '../targets/order/batches.ts';
import type { Stage } from './runner/stage.ts';

/** Ends the planning: the target set is cut into batches, and the lanes begin with theirs. */
export const split: Stage = {
  name: 'split',
  description: 'The target set is cut into batches of 250; four lanes begin to publish them.',
  attempts: 5,
  backoffMs: 1_000,
  concurrency: 16,
  async run({ submission }, { submissions, batches, decisions, turns, inject }) {
    const facts = await submissions.facts(submission);
    if (facts.state === 'stopped') return { stopped: true };
    if (facts.kind === 'plan') {
      await decisions.endPlanning(facts);
      return { targets: facts.targets };
    }
    const count = batchCount(facts.total ?? 0);
    // Of a flow that was lost while it was sending, the lanes go on where they are.
    const sentUpTo = facts.state === 'dispatching' ? await batches.sentUpTo(submission, LANES) : [];
    const next = nextBatches(sentUpTo).filter((batch) => batch < count);
    const numbers: number[] = [];
    for (const batch of next) numbers.push(await turns.next(facts, batchLength(facts.total ?? 0, batch)));
    const refs = next.map((index) => ({ submission, index }));
    await inject('publish', refs, numbers);
    await decisions.endPlanning(facts);
    return { targets: facts.targets, tasks: facts.total, batches: count };
  },
};
