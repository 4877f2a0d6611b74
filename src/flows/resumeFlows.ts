import { pages } from '../adapters/redis/pipeline.ts';
import { isRefusal } from '../adapters/redis/redis.ts';
import { FAILED_PLAN_LIFE_MS } from '../adapters/submissions/endScripts.ts';
import type { SubmissionFacts } from '../adapters/submissions/facts.ts';
import { type FailedJob, readObstacles } from '../adapters/submissions/obstacles.ts';
import type { FlowServices } from './flowServices.ts';
import { addFlow, hasFlow, retry } from './resume.ts';
import { deletePlan } from './stop/endPlans.ts';
import { REMOVE_IN_CHORE_MS, removeFlow } from './stop/removeFlow.ts';

/** A request that is being taken in stores its submission a moment before it adds the flow. */
const TAKEN_IN_MS = 5_000;
/** As long as its rules are kept: it holds targets of its project, and somebody may want it. */
const FAILED_SCAN_LIFE_MS = 14 * 24 * 3_600_000;

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

/** Ends what failed and waits for a retry that nobody asks for any more. Gives which were ended. */
async function expireFailed(
  failed: ReadonlyMap<string, readonly FailedJob[]>,
  services: FlowServices,
  nowMs: number,
): Promise<string[]> {
  const ended: string[] = [];
  for (const [id, jobs] of failed) {
    const waitsMs = nowMs - Math.max(...jobs.map(({ failedAtMs }) => failedAtMs));
    if (waitsMs < FAILED_PLAN_LIFE_MS) continue;
    const facts = await services.submissions.find(id);
    if (facts === undefined) continue;
    const isPlan = facts.kind === 'plan';
    if (!isPlan && waitsMs < FAILED_SCAN_LIFE_MS) continue;
    services.log.warn(
      { submission: id, project: facts.project, kind: facts.kind, reason: jobs[0]?.reason },
      'ended: it failed long ago, and nobody tried it again',
    );
    if (isPlan) await deletePlan(id, facts.project, services);
    else await endScan(facts, services);
    ended.push(id);
  }
  return ended;
}

/** What was sent stays sent. The next look goes on where this one dies. */
async function endScan(
  { id, project }: SubmissionFacts,
  { submissions, queues }: FlowServices,
): Promise<void> {
  await submissions.giveUp(id);
  await removeFlow(queues, id, REMOVE_IN_CHORE_MS);
  await submissions.finish(id, project);
}

async function lookAfter(job: FailedJob, services: FlowServices, told: Set<string>): Promise<void> {
  const { submission, stage, reason } = job;
  const log = services.log.child({ submission, stage });
  // Refused in the very moment in which BullMQ was to be told how the job ended: that was no try.
  if (isRefusal(reason)) {
    await retry(job, services);
    log.info({ reason }, 'stage is tried again: redis had refused it');
    return;
  }
  await services.submissions.tellFailure(job);
  if (!told.has(job.id)) log.warn({ reason }, 'submission waits for a retry');
}

async function addMissing(id: string, services: FlowServices): Promise<void> {
  if (await hasFlow(id, services)) return;
  const facts = await services.submissions.find(id);
  if (facts === undefined || Date.now() - Date.parse(facts.createdAt) < TAKEN_IN_MS) return;
  if (await addFlow(facts, services))
    services.log.warn({ submission: id, state: facts.state }, 'submission had no flow: added again');
}
