import { GONE_AFTER_PINGS } from '../../adapters/workers/presence.ts';
import type { FlowServices } from '../flowServices.ts';
import { type AgainServices, addAgain } from '../takeBack/sendAgain.ts';
import { putBack } from '../takeBack/takeBack.ts';
import { missingTasks } from './missingTasks.ts';

/** Tasks have to be missing by number for so long before it is looked which. */
const QUIET_MS = 40_000;
/** Between two looks. What both of them miss is lost. */
const SURE_MS = 25_000;

/**
 * Sends again what is tracked as out, and neither ready in RabbitMQ nor with a worker: the queue was purged, lost its disk,
 * or dropped its oldest messages. Run every few seconds; costs a few numbers as long as nothing is missing.
 */
export async function healLost(
  services: AgainServices,
  times = { quietMs: QUIET_MS, sureMs: SURE_MS },
): Promise<void> {
  const { broker, submissions, following, lost, tasks, log } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  const scans = { ...(await submissions.open()), ...(await following.unfinished()) };
  if ((await countMissing(scans, services)) <= 0) return lost.nothingMissing();
  if (!(await lost.isTimeToLook(times))) return;

  const missing = await missingTasks(scans, services);
  // A worker that says nothing may have any of them.
  if (missing === undefined)
    return log.warn('tasks are missing: not sent again until all workers say what they have');
  if (missing.length === 0) return lost.nothingMissing();
  const gone = await tasks.describe(await lost.missed(missing));
  const again = await putBack(gone, services, 'lost');
  const affected = gone.flatMap(({ id, submission = '' }) => (again.has(id) ? submission : []));
  for (const id of new Set(affected)) {
    log.warn(
      { submission: id, tasks: affected.filter((one) => one === id).length },
      'tasks are neither in RabbitMQ nor with a worker: sent again',
    );
    await addAgain(id, services);
  }
}

/** How many tasks are neither ready nor with a worker that says so: by numbers only, and of one moment only nearly. */
async function countMissing(
  scans: Readonly<Record<string, string>>,
  { lost, broker, presence, taskTimes }: FlowServices,
): Promise<number> {
  const out = await lost.countOut([...new Set(Object.values(scans))]);
  if (out === 0) return 0;
  const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
  const listed = new Set(there.flatMap(({ tasks }) => [...tasks]));
  const running = await taskTimes.submissionsOf([...listed]);
  return out - (await broker.depth()) - running.filter((id) => id !== undefined && id in scans).length;
}
