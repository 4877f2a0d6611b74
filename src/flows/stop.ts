import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { cancelTasks, revoke, taskOf } from '../adapters/celery.ts';
import type { ProjectStore } from '../adapters/projectStore.ts';
import type { Broker } from '../adapters/rabbitmq.ts';
import type { RecallStore } from '../adapters/recallStore.ts';
import { saysRedisIsAway } from '../adapters/redis.ts';
import type { StageName } from '../adapters/submission.ts';
import type { SubmissionStore } from '../adapters/submissionStore.ts';
import type { TargetStore } from '../adapters/targetStore.ts';
import type { TaskOut, TaskStore } from '../adapters/taskStore.ts';
import type { WorkerPresence } from '../adapters/workerPresence.ts';
import type { WorkerStore } from '../adapters/workerStore.ts';
import { AwayError, BusyError, messageOf } from '../errors.ts';
import { jobIdOf } from '../jobs/stage.ts';
import type { Logger } from '../log.ts';
import { noteTakenBack } from './takenBack.ts';

/** How long an active job may take to notice that it is cancelled. */
const REMOVE_DEADLINE_MS = 15_000;
const REMOVE_PAUSE_MS = 20;
/** How long a stop waits for another one of the same project. */
const LOCK_DEADLINE_MS = 30_000;
const LOCK_PAUSE_MS = 50;

export interface StopServices {
  submissions: SubmissionStore;
  projects: ProjectStore;
  tasks: TaskStore;
  targetStore: TargetStore;
  workers: WorkerStore;
  presence: WorkerPresence;
  recalls: RecallStore;
  broker: Broker;
  queues: Readonly<Record<StageName, Queue>>;
  log: Logger;
}

export interface Stopped {
  /** Targets taken back: those that waited here, and the tasks that were out. */
  revoked: number;
  /** Submissions that were neither done nor stopped. */
  submissions: string[];
}

/**
 * Takes everything of a project back; waits for another stop of it that is under way.
 *
 * @throws AwayError when RabbitMQ does not answer: what waited here is stopped and nothing more is sent, but tasks in
 * the queue are still there; {@link finishStops} takes them out later
 * @throws BusyError when another stop of the project, or a job of it, takes too long: it goes on likewise
 */
export async function stop(project: string, services: StopServices): Promise<Stopped> {
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  for (;;) {
    const unlock = await services.projects.lockStop(project);
    if (unlock) return begin(project, services).finally(unlock);
    if (Date.now() > deadline)
      throw new BusyError('another stop of the project is under way and not finished yet: ask again');
    await delay(LOCK_PAUSE_MS);
  }
}

/**
 * Finishes the stops that began while RabbitMQ was away, or whose process died. Run now and then. One that cannot be
 * finished yet is not in the way of the others.
 */
export async function finishStops(services: StopServices): Promise<void> {
  if (!services.broker.connected || services.broker.blocked !== undefined) return;
  const failed: unknown[] = [];
  for (const project of await services.projects.unfinishedStops()) {
    const unlock = await services.projects.lockStop(project);
    if (!unlock) continue;
    // Only what the stop found: a submission that came later waits behind it and goes on afterwards.
    const ids = await services.projects.stoppedSubmissions(project);
    await finish(project, ids, services)
      .catch((error: unknown) => failed.push(error))
      .finally(unlock);
  }
  if (failed.length > 0) throw failed[0];
}

async function begin(project: string, services: StopServices): Promise<Stopped> {
  const { ids, waiting } = await services.projects.stopProject(project);
  const out = await finish(project, ids, services);
  services.log.info({ project, submissions: ids, waiting, out }, 'project stopped');
  return { revoked: waiting + out, submissions: ids };
}

/**
 * The order matters: after the mark nothing new is tracked, after the removal of the flows nothing is still being
 * published, so what is in the queue then is all there will ever be. Gives the number of tasks that were out.
 */
async function finish(project: string, ids: readonly string[], services: StopServices): Promise<number> {
  const { submissions, projects, queues } = services;
  await Promise.all(ids.map((id) => removeFlow(queues, id)));
  for (const id of ids) await submissions.finish(id, project);
  const out = await withdraw(project, services).catch(halfStopped);
  await projects.stopEnded(project);
  return out;
}

function halfStopped(error: unknown): never {
  if (!(error instanceof AwayError && error.service === 'rabbitmq')) throw error;
  const what =
    'what waited here is stopped and nothing more is sent; tasks in its queue are taken out once it answers';
  throw new AwayError('rabbitmq', `RabbitMQ does not answer: ${what}`, { cause: error });
}

/** Removes the root with all its children. A job that is active is locked until it has noticed that it is cancelled. */
async function removeFlow(queues: StopServices['queues'], id: string): Promise<void> {
  const deadline = Date.now() + REMOVE_DEADLINE_MS;
  for (;;) {
    const root = await queues.submission.getJob(jobIdOf('submission', { submission: id }));
    if (!root) return;
    try {
      await root.remove();
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
  const message = `the project is stopped except for a job of submission ${id} that is still at work: ${what}`;
  return new BusyError(message, { cause });
}

/** Whatever RabbitMQ does not do for a stop, it can be asked for again later. */
async function askRabbitmq<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof AwayError) throw error;
    throw new AwayError('rabbitmq', messageOf(error), { cause: error });
  });
}

/** Takes the project's tasks out of RabbitMQ, from the workers, and out of Redis. */
async function withdraw(
  project: string,
  { projects, tasks, targetStore, workers, presence, recalls, broker, log }: StopServices,
): Promise<number> {
  const out = new Map<string, TaskOut>();
  for await (const page of tasks.tasksOut(project)) for (const task of page) out.set(task.id, task);
  const taken = new Set<string>();
  const isOurs = (content: Buffer, headers: unknown) => {
    const task = taskOf(content, headers);
    if (task?.project === project) taken.add(task.id);
    return task?.project === project;
  };
  await askRabbitmq(broker.takeOut(isOurs));
  const ids = [...out.keys()];
  // Before anything forgets them. Also what was in the queue: a worker that was cut off gave it back, and runs it on.
  await presence.discover();
  const listed = new Set((await presence.workers()).flatMap((worker) => [...worker.tasks]));
  const inHand = [...new Set([...ids, ...taken])].filter((id) => !taken.has(id) || listed.has(id));
  await recalls.remember(inHand, new Set(), Date.now());
  if (ids.length > 0) {
    await askRabbitmq(broker.broadcast(revoke(ids)));
    await askRabbitmq(broker.broadcast(cancelTasks(ids)));
  }
  await noteTakenBack(project, [...out.values()], targetStore).catch((error: unknown) => {
    // Only what is told of the targets suffers; the stop must not.
    log.warn({ project, err: messageOf(error) }, 'not noted which targets the stop took back');
  });
  await tasks.forget(project, await projects.users(project), [...out.values()]);
  await workers.forgetRunning(taken);
  return ids.length;
}
