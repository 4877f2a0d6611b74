import { cancelTasks, revoke, taskOf } from '../adapters/celery.ts';
import type { Broker } from '../adapters/rabbitmq.ts';
import type { RecallStore } from '../adapters/recallStore.ts';
import type { WorkerStore } from '../adapters/workerStore.ts';
import type { Logger } from '../log.ts';

/** What is given back to a queue goes back to its head. */
const LOOKED_AT = 500;

interface RecallServices {
  recalls: RecallStore;
  workers: WorkerStore;
  broker: Broker;
  log: Logger;
}

/**
 * Keeps a stopped scan stopped when a worker vanishes with a task of it in hand, and RabbitMQ offers that task to
 * the next one: takes it out of the queue, and tells also those workers about it that came up after the stop. Run
 * now and then; costs nothing when no task is in question.
 */
export async function recallTasks({ recalls, workers, broker, log }: RecallServices): Promise<void> {
  if (!broker.connected || broker.blocked !== undefined) return;
  const open = await recalls.all();
  if (open.size === 0) return;

  const ended = await recalls.note(open, await workers.runningTasks(), Date.now());
  const ids = [...open.keys()];
  await broker.broadcast(revoke(ids));
  await broker.broadcast(cancelTasks(ids));
  const taken = new Set<string>();
  if ((await broker.depth()) > 0) {
    const isRecalled = (content: Buffer, headers: unknown) => {
      const task = taskOf(content, headers);
      if (!task || !open.has(task.id)) return false;
      taken.add(task.id);
      return true;
    };
    await broker.takeOut(isRecalled, LOOKED_AT);
  }
  await workers.forgetRunning(new Set([...ended, ...taken]));
  await recalls.forget([...ended, ...taken]);
  if (taken.size > 0)
    log.info({ tasks: [...taken] }, 'tasks of a stopped scan that a worker gave back are taken out');
}
