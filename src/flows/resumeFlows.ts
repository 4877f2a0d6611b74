import { pages } from '../adapters/redis/pipeline.ts';
import { isRefusal } from '../adapters/redis/redis.ts';
import { type FailedJob, readObstacles } from '../adapters/submissions/obstacles.ts';
import { expireFailed } from './expireFailed.ts';
import type { FlowServices } from './flowServices.ts';
import { addFlow, hasFlow, retry } from './resume.ts';
import { REMOVE_IN_CHORE_MS, removeFlow } from './stop/removeFlow.ts';

/** A request that is being taken in stores its submission a moment before it adds the flow. */
const TAKEN_IN_MS = 5_000;

/**
 * Looks after the submissions that have not ended. One without a flow gets it. One of which a job gave up waits for
 * somebody to send it again or to retry the job; the log says so, once as long as `told` is kept. One that waits for too
 * long ends, and of one that nothing is kept of everything goes.
 */
export async function resumeFlows(
  services: FlowServices,
  told: Set<string>,
  nowMs = Date.now(),
): Promise<void> {
  const { redis, submissions, log } = services;
  const open = await submissions.open();
  for (const page of pages(Object.keys(open)))
    for (const id of await submissions.gone(page)) {
      await removeFlow(services.queues, id, REMOVE_IN_CHORE_MS);
      await submissions.forget(id, open[id] ?? '');
      delete open[id];
    }
  const { failed, paused } = await readObstacles(redis, Object.keys(open));
  for (const id of await expireFailed(failed, services, nowMs)) {
    failed.delete(id);
    delete open[id];
  }
  const failures = [...failed.values()].flat();
  for (const job of failures) await lookAfter(job, services, told);
  for (const queue of paused)
    if (!told.has(queue)) log.warn({ queue }, 'the queue is paused on the board: submissions wait for it');
  told.clear();
  for (const key of [...failures.map(({ id }) => id), ...paused]) told.add(key);

  for (const page of pages(Object.keys(open))) await Promise.all(page.map((id) => addMissing(id, services)));
}

async function lookAfter(job: FailedJob, services: FlowServices, told: Set<string>): Promise<void> {
  const { submission, stage, reason } = job;
  const log = services.log.child({ submission, stage });
  // Refused in the very moment in which BullMQ was to be told how the job ended: that was no try.
  if (isRefusal(reason)) {
    await retry(job, services);
    log.info({ reason }, 'stage is tried again: redis had refused it');
  } else if (!told.has(job.id)) log.warn({ reason }, 'submission waits for a retry');
}

async function addMissing(id: string, services: FlowServices): Promise<void> {
  if (await hasFlow(id, services)) return;
  const facts = await services.submissions.find(id);
  if (facts === undefined || Date.now() - Date.parse(facts.createdAt) < TAKEN_IN_MS) return;
  if (await addFlow(facts, services))
    services.log.warn({ submission: id, state: facts.state }, 'submission had no flow: added again');
}
