import { PermanentError } from '../runtime/errors.ts';
import { RetryLaterError, type Stage } from './runner/stage.ts';

/** Until the next look whether what has come back was sent again. */
const AGAIN_REST_MS = 2_000;

/** The root: runs when every other job of the flow is done, checks that nothing is missing, and ends the submission. */
export const finish: Stage = {
  name: 'submission',
  description: 'Sums up: every task was sent, the reservation is released.',
  attempts: 3,
  backoffMs: 1_000,
  concurrency: 16,
  async run(_, { facts, submissions, log }) {
    const { id, kind, state, project, total = 0, sent } = facts;
    if (facts.again > 0 && state !== 'stopped')
      throw new RetryLaterError('tasks that have come back are to be sent again', AGAIN_REST_MS, 'job');
    // A job that somebody removed releases its parent without a word: only the numbers tell.
    if (kind === 'scan' && state !== 'stopped' && sent !== total) {
      throw new PermanentError(
        `${total - sent} of ${total} tasks were never sent, because jobs of this flow were removed: ` +
          'stop the scan of the project and send the request again',
      );
    }
    // What it has come to is counted for as long as it is kept; nothing is refused any more.
    await submissions.measure(facts);
    await submissions.finish(id, project, kind);
    log.info({ targets: total, project }, kind === 'plan' ? 'plan made' : 'submission ended');
    return { targets: total };
  },
};
