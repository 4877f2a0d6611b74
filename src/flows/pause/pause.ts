import type { AuditNote } from '../../adapters/audit/entry.ts';
import { AGAIN } from '../../adapters/dispatch/batchStore.ts';
import type { OpenPause, Pause, PauseScope } from '../../adapters/dispatch/pauseStore.ts';
import { jobIdOf, jobOptionsOf } from '../../jobs/runner/stage.ts';
import type { Turns } from '../../jobs/runner/turns.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import { LANES, nextBatches } from '../../targets/order/batches.ts';
import type { FlowServices } from '../flowServices.ts';
import { FLOW } from '../tree.ts';
import { type TakenBack, takeBack } from './takeBack.ts';

interface PauseServices extends FlowServices {
  turns: Turns;
}

/** Until the part is sent it is charged as if it were so many tasks. */
const USUAL_PART = 16;

export interface Paused extends TakenBack {
  pause: Pause;
}

/**
 * Pauses a submission, a project or everything: nothing more of it is sent, and what is ready in RabbitMQ comes back at
 * once. While RabbitMQ is away that follows later, by {@link finishPauses}.
 */
export async function pause(
  scope: PauseScope,
  { running, ...by }: Pause & Pick<OpenPause, 'running'>,
  services: FlowServices,
  note?: AuditNote,
): Promise<Paused | 'ended' | 'unknown'> {
  const done = await services.pauses.pause(scope, by, running, note);
  if (done !== 'done') return done;
  const taken = await finish({ scope, running }, services).catch(notNow);
  services.log.info({ ...scope, ...taken }, 'paused');
  return { ...taken, pause: (await services.pauses.find(scope)) ?? by };
}

/** Takes back what was paused while RabbitMQ was away, or by a process that died. Run now and then. */
export async function finishPauses(services: FlowServices): Promise<void> {
  const { pauses, broker, log } = services;
  if (!broker.connected || broker.blocked !== undefined) return;
  for (const open of await pauses.open()) {
    const taken = await finish(open, services);
    log.info({ ...open.scope, ...taken }, 'what is paused was taken back');
  }
}

async function finish({ scope, running }: OpenPause, services: FlowServices): Promise<TakenBack> {
  const taken = await takeBack(scope, running, services);
  if (taken.complete) await services.pauses.takenBack(scope);
  return taken;
}

function notNow(error: unknown): TakenBack {
  if (error instanceof ServiceUnavailableError && error.service === 'rabbitmq')
    return { ready: 0, running: 0, complete: false };
  throw error;
}

/** Goes on with a submission, a project or everything; what another pause holds goes on waiting. */
export async function resumePaused(
  scope: PauseScope,
  services: PauseServices,
  note?: AuditNote,
): Promise<'done' | 'ended' | 'unknown'> {
  const done = await services.pauses.resume(scope, note);
  if (done !== 'done') return done;
  const open = Object.entries(await services.submissions.open());
  const ids = open
    .filter(([, project]) => scope.project === undefined || project === scope.project)
    .map(([id]) => id)
    .filter((id) => scope.submission === undefined || id === scope.submission);
  for (const id of ids) await wake(id, services);
  services.log.info({ ...scope, submissions: ids.length }, 'resumed');
  return done;
}

/** What has come back is sent again, also of submissions whose process died before it could see to that. Run now and then. */
export async function sendAgain(services: PauseServices): Promise<void> {
  const { submissions, log } = services;
  for (const id of Object.keys(await submissions.open())) {
    await addAgain(id, services).catch((error: unknown) => {
      log.warn({ submission: id, err: messageOf(error) }, 'what has come back is not sent again yet');
    });
  }
}

/** Has the jobs of a submission that were set aside wait in their queue. They come back by themselves later, too. */
async function wake(id: string, services: PauseServices): Promise<void> {
  const { submissions, batches, queues } = services;
  const facts = await submissions.find(id);
  if (facts?.state !== 'dispatching') return;
  await addAgain(id, services);
  const next = nextBatches(await batches.sentByLane(id, LANES), facts.total ?? 0);
  const jobs = [
    ...next.map(({ batch }) => jobIdOf('publish', { submission: id, index: batch })),
    againJob(id),
  ];
  for (const job of jobs) {
    const waiting = await queues.publish.getJob(job);
    if (await waiting?.isDelayed()) await waiting?.promote().catch(() => {});
  }
}

const againJob = (id: string) => jobIdOf('publish', { submission: id });

/** The job that sends what has come back. It has no parent: the root looks at the numbers. */
async function addAgain(id: string, { again, submissions, queues, turns }: PauseServices): Promise<void> {
  const count = await again.count(id);
  if (count === 0) return;
  const facts = await submissions.find(id);
  if (facts?.state !== 'dispatching' || (await queues.publish.getJob(againJob(id))) !== undefined) return;
  const ref = { submission: id };
  const priority = await turns.next(facts, { lane: AGAIN, tasks: Math.min(count, USUAL_PART) });
  const options = { ...jobOptionsOf(FLOW.publish, ref), removeOnComplete: true, priority };
  await queues.publish.add('publish', ref, options);
}
