import { batchCount, batchLength, LANES, nextBatches } from '../targets/order/batches.ts';
import type { Stage } from './runner/stage.ts';

/** Ends the planning: the target set is cut into batches, and the lanes begin with theirs. */
export const split: Stage = {
  name: 'split',
  description: 'The target set is cut into batches of 250; four lanes begin to publish them.',
  attempts: 5,
  backoffMs: 1_000,
  concurrency: 16,
  async run({ submission }, { facts, batches, decisions, turns, room, inject }) {
    if (facts.state === 'stopped') return { stopped: true };
    if (facts.kind === 'plan') {
      await decisions.endPlanning(facts);
      return { targets: facts.targets };
    }
    const { total = 0 } = facts;
    // Of a flow that was lost while it was sending, the lanes go on where they are.
    const sent = facts.state === 'dispatching' ? await batches.sentByLane(submission, LANES) : [];
    const next = nextBatches(sent, total);
    const numbers: number[] = [];
    for (const { batch, offset } of next) {
      const tasks = room.expected(batchLength(total, batch) - offset);
      numbers.push(await turns.next(facts, { lane: batch % LANES, tasks }));
    }
    const refs = next.map(({ batch: index }) => ({ submission, index }));
    // A retry finds the lanes again, whichever of the two is missing.
    await Promise.all([inject('publish', refs, numbers), decisions.endPlanning(facts)]);
    return { targets: facts.targets, tasks: total, batches: batchCount(total) };
  },
};
