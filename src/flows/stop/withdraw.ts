import { cancelTasks, IDS_PER_MESSAGE, revoke } from '../../adapters/celery/messages.ts';
import { taskOf } from '../../adapters/celery/parse.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { isTaskId } from '../../adapters/workers/words.ts';
import { messageOf, ServiceUnavailableError } from '../../runtime/errors.ts';
import type { FlowServices } from '../flowServices.ts';
import { noteRevoked } from './revoked.ts';

/**
 * Takes the project's tasks out of RabbitMQ, from the workers, and out of Redis. Gives the number of tasks that were
 * out. @throws ServiceUnavailableError when RabbitMQ fails in any way
 */
export async function withdraw(
  project: string,
  {
    projects,
    tasks,
    targetStore,
    workers,
    presence,
    recalls,
    broker,
    log,
  }: Omit<FlowServices, 'redis' | 'producer' | 'queues'>,
): Promise<number> {
  const out = new Map<string, TaskOut>();
  for await (const page of tasks.tasksOut(project)) for (const task of page) out.set(task.id, task);
  const taken = new Set<string>();
  const isOurs = (content: Buffer, headers: unknown) => {
    const task = taskOf(content, headers);
    if (task?.project === project) taken.add(task.id);
    return task?.project === project;
  };
  await askRabbitmq(broker.drainMatching(isOurs));
  // No worker has a task of another name; the message that names it could be too long for RabbitMQ.
  const ids = [...out.keys()].filter(isTaskId);
  // Before anything forgets them. Also what was in the queue: a worker that was cut off gave it back, and runs it on.
  await presence.discover();
  const listed = new Set((await presence.workers()).flatMap((worker) => [...worker.tasks]));
  const inHand = [...new Set([...ids, ...taken])].filter((id) => !taken.has(id) || listed.has(id));
  await recalls.remember(inHand, new Set());
  for (const some of pages(ids, IDS_PER_MESSAGE)) {
    await askRabbitmq(broker.broadcast(revoke(some)));
    await askRabbitmq(broker.broadcast(cancelTasks(some)));
  }
  await noteRevoked(project, [...out.values()], targetStore).catch((error: unknown) => {
    // Only what is told of the targets suffers; the stop must not.
    log.warn({ project, err: messageOf(error) }, 'not noted which targets the stop took back');
  });
  await tasks.forget(project, await projects.users(project), [...out.values()]);
  await workers.forgetRunning(taken);
  return ids.length;
}

/** Whatever RabbitMQ does not do for a stop, it can be asked for again later. */
async function askRabbitmq<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    if (error instanceof ServiceUnavailableError) throw error;
    throw new ServiceUnavailableError('rabbitmq', messageOf(error), { cause: error });
  });
}
