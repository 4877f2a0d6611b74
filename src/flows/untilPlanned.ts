import type { Progress } from '../model/submission.ts';
import { BusyError } from '../runtime/errors.ts';
import type { SubmissionEvents } from './submissionEvents.ts';

/** Announcements can be lost with the connection; so often we look for ourselves. */
const POLL_MS = 1_000;

/** Resolves when the submission is no longer planning, or after `timeoutMs` with the numbers so far. */
export async function untilPlanned(
  id: string,
  timeoutMs: number,
  { progress: look, events }: { progress: () => Promise<Progress | undefined>; events: SubmissionEvents },
): Promise<Progress> {
  const deadline = Date.now() + timeoutMs;
  let last: Progress | undefined;
  for (;;) {
    const leftMs = deadline - Date.now();
    // Listening starts before looking: an event between the two is not missed.
    const event = events.next(id, Math.max(0, Math.min(leftMs, POLL_MS)));
    const progress = await look();
    // A plan that somebody ends is gone at once.
    if (!progress && last) return { ...last, state: 'stopped' };
    if (!progress) throw new BusyError('somebody stopped or deleted what was asked for: ask again');
    last = progress;
    if (progress.state !== 'planning' || leftMs <= 0) return progress;
    await event;
  }
}
