import { randomUUID } from 'node:crypto';
import { ping } from '../../adapters/celery/messages.ts';
import type { TaskTimes } from '../../adapters/dispatch/taskTimes.ts';
import type { Broker } from '../../adapters/rabbitmq/broker.ts';
import type { EndedStore } from '../../adapters/workers/endedStore.ts';
import { workerKeys } from '../../adapters/workers/keys.ts';
import { GONE_AFTER_PINGS, type WorkerPresence } from '../../adapters/workers/presence.ts';
import type { StartStore } from '../../adapters/workers/startStore.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';

/** Between two looks of a process. Each look counts for the time since the last one, so more processes do no harm. */
const LOOK_EVERY_MS = 500;
/** Who takes tasks and is not known is asked for a sign of life so often at most. */
const ASK_EVERY_MS = 2_000;

interface MeasureServices {
  presence: WorkerPresence;
  taskTimes: TaskTimes;
  started: StartStore;
  ended: EndedStore;
  broker: Broker;
  /** Wakes jobs that wait until others' tasks have ended. */
  wakeLimited(): Promise<void>;
  /** Gives the jobs of a submission that wait new places in the order. */
  renumber(submission: string): Promise<void>;
  log: Logger;
}

/**
 * Looks again and again what runs: notes whose tasks the workers are busy with, which the fair order charges, and which they
 * began and ended, and wakes what waits for tasks to end. Too often for a chore.
 */
export function measureTasks(services: MeasureServices): { close(): void } {
  let askedMs = performance.now();
  let looking = false;
  const look = async () => {
    const { presence, taskTimes, started, ended, broker, renumber, wakeLimited, log } = services;
    if (looking) return;
    looking = true;
    try {
      const there = (await presence.workers()).filter(({ unanswered }) => unanswered < GONE_AFTER_PINGS);
      const entries = there.flatMap(({ host, tasks }) =>
        [...tasks].map((id) => workerKeys.running(id, host)),
      );
      await started.note(entries);
      const hosts = there.flatMap(({ host, tasks }) => [...tasks].map((id) => [id, host] as const));
      await ended.note(Object.fromEntries(hosts));
      const running = new Set(hosts.map(([id]) => id));
      for (const id of await taskTimes.note([...running])) await renumber(id);
      await wakeLimited();
      if (!broker.connected || performance.now() - askedMs < ASK_EVERY_MS) return;
      askedMs = performance.now();
      // The next ping may be half a minute away.
      if ((await broker.consumers()) > there.length)
        await broker.broadcast(ping(randomUUID(), broker.replyKey));
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'not looked what runs');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
