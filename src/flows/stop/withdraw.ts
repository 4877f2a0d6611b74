import { cancelTasks, IDS_PER_MESSAGE, revoke } from '../../adapters/celery/messages.ts';
import { type MessageTask, taskIdOf, taskOf } from '../../adapters/celery/parse.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { Recall } from '../../adapters/workers/recallStore.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { isTaskId } from '../../adapters/workers/words.ts';
import { taskIds } from '../../jobs/taskIds.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';
import { letFinish } from './letFinish.ts';
import { noteRevoked } from './revoked.ts';

/** Tasks that were out. */
export interface Withdrawn {
  /** Those that no worker had said to run; they are taken back. */
  ready: number;
  /** Those that workers had in hand. */
  running: number;
}

interface Only {
  submission: string;
  running: 'finish' | 'kill';
}

/**
 * Takes the tasks of a project, or of one submission of it, out of RabbitMQ, from the workers, and out of Redis; with
 * `finish` those that run go on. @throws ServiceUnavailableError when RabbitMQ fails in any way
 */
export async function withdraw(
  project: string,
  services: Omit<FlowServices, 'redis' | 'producer' | 'queues'>,
  only?: Only,
): Promise<Withdrawn> {
  const { projects, tasks, targetStore, windowStore, workers, presence, recalls, broker, log } = services;
  const out = new Map<string, TaskOut>();
  for await (const page of tasks.tasksOut(project))
    for (const task of page)
      if (only === undefined || task.submission === only.submission) out.set(task.id, task);
  const taken = new Set<string>();
  const isTheirs = (task: MessageTask | undefined) => {
    if (task?.project !== project) return false;
    if (only === undefined || task.target === undefined) return only === undefined;
    return taskIds(only.submission, [task.target])[0] === task.id;
  };
  const idOfOurs = (content: Buffer, headers: unknown) => {
    const id = taskIdOf(headers);
    if (id === undefined) return undefined;
    // One that is tracked no more is theirs all the same: its worker had scanned it, and RabbitMQ gives it back.
    if (!out.has(id) && !isTheirs(taskOf(content, headers))) return undefined;
    taken.add(id);
    return id;
  };
  const mayFinish = only?.running === 'finish';
  // Whoever comes after a process that dies between two steps must not take these for tasks that run.
  const before = async (found: readonly string[]) => {
    await recalls.remember(found, new Set(found));
    return new Set(found);
  };
  const drained = broker.drainMatching(idOfOurs, mayFinish ? { before } : {});
  await windowStore.takenOut(await askRabbitmq(drained));
  const recalled = mayFinish ? await recalls.all() : new Map<string, Recall>();
  // Before anything forgets them. Also what was in the queue: a worker that was cut off gave it back, and runs it on.
  await presence.discover();
  const listed = new Set((await presence.workers()).flatMap((worker) => [...worker.tasks]));
  // A worker has a task a moment before it says so: with `finish` that one may go on too.
  const goesOn = (id: string) => mayFinish && !taken.has(id) && isFree(recalled.get(id));
  // No worker has a task of another name; the message that names it could be too long for RabbitMQ.
  const known = [...out.keys()].filter(isTaskId);
  const ids = known.filter((id) => !goesOn(id));
  const inHand = [...new Set([...ids, ...taken])].filter((id) => !taken.has(id) || listed.has(id));
  await recalls.remember(inHand, new Set());
  await askRabbitmq(letFinish(known.filter(goesOn), project, services));
  for (const some of pages(ids, IDS_PER_MESSAGE)) {
    await askRabbitmq(broker.broadcast(revoke(some)));
    await askRabbitmq(broker.broadcast(cancelTasks(some)));
  }
  const back = [...out.values()].filter(({ id }) => !goesOn(id));
  await noteRevoked(project, back, targetStore).catch((error: unknown) => {
    // Only what is told of the targets suffers; the stop must not.
    log.warn({ project, err: messageOf(error) }, 'not noted which targets the stop took back');
  });
  await tasks.forget(project, await projects.users(project), back);
  await workers.forgetRunning(taken);
  const running = known.filter((id) => !taken.has(id)).length;
  return { ready: known.length - running, running };
}

/** Whether nobody wants it ended. */
function isFree(recall: Recall | undefined): boolean {
  return recall === undefined || recall.finishing !== undefined;
}

/** Whatever RabbitMQ does not do for a stop, it can be asked for again later. */
async function askRabbitmq<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof ServiceUnavailableError) throw error;
    throw new ServiceUnavailableError('rabbitmq', messageOf(error), { cause: error });
  });
}
