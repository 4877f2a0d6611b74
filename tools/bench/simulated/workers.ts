import { keepConnected } from '../../../src/adapters/rabbitmq/connection.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { services } from '../../../test/support/services.ts';
import type { Installation } from '../../../test/support/tasker.ts';
import { consumeAsWorker } from '../../simulatedWorker/queues.ts';
import { createScans, type SimulatedTask } from '../../simulatedWorker/scans.ts';

/** A scan as a worker saw it, in milliseconds of `performance.now()`. */
interface Scanned {
  task: SimulatedTask;
  beganMs: number;
  /** Likewise; undefined: it still runs. */
  endedMs?: number;
}

export interface Workers {
  /** All that began, in that order. */
  scans: Scanned[];
  close(): Promise<void>;
}

/** Workers of this process that send no packets. `scanMs`: how long each scan takes. */
export async function startWorkers(
  count: number,
  { redis, vhost }: Pick<Installation, 'redis' | 'vhost'>,
  scanMs: (task: SimulatedTask) => number,
): Promise<Workers> {
  const scans: Scanned[] = [];
  const log = createLog({ level: 'silent', role: 'worker' });
  const links = Array.from({ length: count }, (_, number) => {
    const host = `sim-${number}`;
    let current: Scanned | undefined;
    const onBegin = (task: SimulatedTask) => {
      current = { task, beganMs: performance.now() };
      scans.push(current);
    };
    const onTask = () => {
      if (current) current.endedMs = performance.now();
    };
    const own = createScans(redis, { host, scanMs, onBegin });
    return keepConnected({ ...services().rabbitmq, vhost }, log, (model, drop) =>
      consumeAsWorker(model, { host, scans: own, drop, updateIp: async () => {}, onTask }).then(() => true),
    );
  });
  return {
    scans,
    async close() {
      await Promise.all(links.map((link) => link.close()));
    },
  };
}
