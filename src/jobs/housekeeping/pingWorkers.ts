import { randomUUID } from 'node:crypto';
import { ping } from '../../adapters/celery.ts';
import type { Broker } from '../../adapters/rabbitmq.ts';
import type { WorkerStore } from '../../adapters/workerStore.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Chore } from './housekeeping.ts';

/** Asks every worker for a sign of life. The answers come to this process and are noted by {@link notePongs}. */
export const pingWorkers: Chore = {
  name: 'ping',
  description: 'Every 30 s all workers are asked for a sign of life.',
  everyMs: 30_000,
  atStart: true,
  run: async ({ broker, presence }) => {
    await broker.broadcast(ping(randomUUID(), broker.replyKey));
    await presence.pinged();
  },
};

/** Notes each answer to a ping in the worker's hash. */
export function notePongs(broker: Broker, workers: WorkerStore, log: Logger): void {
  broker.onPong((hostname) => {
    workers.seen(hostname, Math.floor(Date.now() / 1_000)).catch((error: unknown) => {
      log.warn({ worker: hostname, err: messageOf(error) }, 'a pong could not be noted');
    });
  });
}
