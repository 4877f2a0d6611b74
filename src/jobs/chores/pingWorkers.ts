import { randomUUID } from 'node:crypto';
import { ping } from '../../adapters/celery/messages.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import { MOST_WORKERS } from '../../adapters/workers/words.ts';
import type { WorkerStore } from '../../adapters/workers/workerStore.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Chore } from './chores.ts';

/** Asks every worker for a sign of life. The answers come to this process and are noted by {@link notePongs}. */
export const pingWorkers: Chore = {
  name: 'ping',
  description: 'Every 15 s all workers are asked for a sign of life.',
  everyMs: 15_000,
  atStart: true,
  run: async ({ broker, presence }) => {
    await broker.broadcast(ping(randomUUID(), broker.replyKey));
    await presence.pinged();
  },
};

/** Notes each answer to a ping in the worker's hash. */
export function notePongs(broker: Broker, workers: WorkerStore, log: Logger): void {
  broker.onPong(async (worker) => {
    try {
      const noted = await workers.seen(worker, Math.floor(Date.now() / 1_000));
      if (!noted)
        log.warn({ worker, most: MOST_WORKERS }, 'too many workers: the answer of one is not noted');
    } catch (error) {
      log.warn({ worker, err: messageOf(error) }, 'a pong could not be noted');
    }
  });
}
