import { setTimeout as delay } from 'node:timers/promises';
import type { AuditNote } from '../../adapters/audit/entry.ts';
import { BusyError, messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';
import { endPlans, finishPlanEnds } from './endPlans.ts';
import { REMOVE_DEADLINE_MS, REMOVE_IN_CHORE_MS, removeFlow } from './removeFlow.ts';
import { withdraw } from './withdraw.ts';

/** How long a stop waits for another one of the same project. */
const LOCK_DEADLINE_MS = 30_000;
const LOCK_PAUSE_MS = 50;

export interface Stopped {
  /** Targets taken back: those that waited here, and the tasks that were out. */
  revoked: number;
  /** Submissions that were neither done nor stopped, and plans that were not made yet. */
  submissions: string[];
}

/**
 * Takes everything of a project back; waits for another stop of it that is under way.
 *
 * @throws ServiceUnavailableError when RabbitMQ does not answer: what waited here is stopped and nothing more is sent, but tasks in
 * the queue are still there; {@link finishStops} takes them out later
 * @throws BusyError when another stop of the project, or a job of it, takes too long: it goes on likewise
 */
export async function stop(project: string, services: FlowServices, note?: AuditNote): Promise<Stopped> {
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  for (;;) {
    const unlock = await services.projects.lockStop(project);
    if (unlock) return begin(project, services, note).finally(unlock);
    if (Date.now() > deadline)
      throw new BusyError('another stop of the project is under way and not finished yet: ask again');
    await delay(LOCK_PAUSE_MS);
  }
}

/**
 * Finishes the stops that began while RabbitMQ was away, or whose process died. Run now and then. One that cannot be
 * finished yet is not in the way of the others.
 */
export async function finishStops(services: FlowServices): Promise<void> {
  await finishPlanEnds(services).catch((error: unknown) => {
    services.log.debug({ err: messageOf(error) }, 'a plan could not be ended yet');
  });
  if (!services.broker.connected || services.broker.blocked !== undefined) return;
  const failed: unknown[] = [];
  for (const project of await services.projects.unfinishedStops()) {
    const unlock = await services.projects.lockStop(project);
    if (!unlock) continue;
    // Only what the stop found: a submission that came later waits behind it and goes on afterwards.
    const ids = await services.projects.stoppedSubmissions(project);
    await finish(project, ids, services, REMOVE_IN_CHORE_MS)
      .catch((error: unknown) => failed.push(error))
      .finally(unlock);
  }
  if (failed.length > 0) throw failed[0];
}

async function begin(project: string, services: FlowServices, note?: AuditNote): Promise<Stopped> {
  const { ids, waiting } = await services.projects.stopProject(project, note);
  const plans = await services.submissions.endOpenPlans(project);
  // Whichever cannot be ended now, the other one is.
  const [scans, ended] = await Promise.allSettled([
    finish(project, ids, services, REMOVE_DEADLINE_MS),
    endPlans(new Map(plans.map((id) => [id, project])), services, REMOVE_DEADLINE_MS),
  ]);
  if (scans.status === 'rejected') throw scans.reason;
  if (ended.status === 'rejected') throw ended.reason;
  const out = scans.value;
  services.log.info({ project, submissions: ids, plans, waiting, out }, 'project stopped');
  return { revoked: waiting + out, submissions: [...ids, ...plans] };
}

/**
 * The order matters: after the mark nothing new is tracked, after the removal of the flows nothing is still being
 * published, so what is in the queue then is all there will ever be. Gives the number of tasks that were out.
 */
async function finish(
  project: string,
  ids: readonly string[],
  services: FlowServices,
  removeMs: number,
): Promise<number> {
  const { submissions, projects, queues } = services;
  await Promise.all(ids.map((id) => removeFlow(queues, id, removeMs)));
  for (const id of ids) await submissions.finish(id, project);
  const { ready, running } = await withdraw(project, services).catch(halfStopped);
  await projects.stopEnded(project);
  return ready + running;
}

function halfStopped(error: unknown): never {
  if (!(error instanceof ServiceUnavailableError && error.service === 'rabbitmq')) throw error;
  const what =
    'what waited here is stopped and nothing more is sent; tasks in its queue are taken out once it answers';
  throw new ServiceUnavailableError('rabbitmq', `RabbitMQ does not answer: ${what}`, { cause: error });
}
