import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { saysRedisIsAway } from '../../adapters/redis/redis.ts';
import { jobIdOf, type Queues } from '../../jobs/runner/stage.ts';
import type { StageName } from '../../model/submission.ts';
import { BusyError } from '../../runtime/errors.ts';

/** How long an active job may take to notice that it is cancelled. */
export const REMOVE_DEADLINE_MS = 15_000;
/** The same where the next try follows by itself; other chores wait meanwhile. */
export const REMOVE_IN_CHORE_MS = 2_000;
const REMOVE_PAUSE_MS = 20;

/**
 * Removes the root with all its children, and the job that sends what has come back, which has no parent. A job that is
 * active is locked until it has noticed that it is cancelled.
 */
export async function removeFlow(queues: Queues, id: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  await remove(queues.publish, 'publish', id, deadline);
  await remove(queues.submission, 'submission', id, deadline);
}

async function remove(queue: Queue, stage: StageName, id: string, deadline: number): Promise<void> {
  for (;;) {
    const job = await queue.getJob(jobIdOf(stage, { submission: id }));
    if (!job) return;
    try {
      await job.remove();
      return;
    } catch (error) {
      if (saysRedisIsAway(error)) throw error;
      if (Date.now() > deadline) throw stillAtWork(id, error);
      await delay(REMOVE_PAUSE_MS);
    }
  }
}

function stillAtWork(id: string, cause: unknown): BusyError {
  const what = 'nothing more is sent, and the stop goes on by itself once that job has ended';
  const message = `everything is stopped except for a job of submission ${id} that is still at work: ${what}`;
  return new BusyError(message, { cause });
}
