import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { workerKeys } from '../../src/adapters/workers/keys.ts';

/** The part of a scan task that the worker's keys are made of. */
export interface SimulatedTask {
  ip: string;
  hostnames: unknown;
  project: string;
  user: string;
  ports: string;
}

export type Outcome = 'scanned' | 'cancelled' | 'revoked' | 'interrupted';

export interface Scans {
  /** "Scans", and cleans up the task's keys. `interrupted`: the worker ends; the task's keys stay, as it will run again. */
  run(id: string, task: SimulatedTask): Promise<Outcome>;
  cancel(ids: readonly string[]): void;
  revoke(ids: readonly string[]): void;
  /** Those of the ids that it has in hand. */
  heldOf(ids: readonly string[]): string[];
  /** Ends what runs, for good. */
  interrupt(): void;
}

export interface ScansOptions {
  host: string;
  /** Milliseconds that a scan takes. */
  scanMs: number | ((task: SimulatedTask) => number);
  /** Told when a scan begins. */
  onBegin?: (task: SimulatedTask, id: string) => void;
}

export function createScans(redis: Redis, { host, scanMs, onBegin = () => {} }: ScansOptions): Scans {
  const msOf = typeof scanMs === 'number' ? () => scanMs : scanMs;
  const revoked = new Set<string>();
  const running = new Map<string, AbortController>();
  let ending = false;

  const runningKey = (id: string) => `running:task:${id}:host:${host}`;
  const toolKey = `running_tool:nmap:${host}`;

  async function begin(id: string, { ip, hostnames }: SimulatedTask): Promise<void> {
    const entry = { ip, hostnames, worker: host, started_at: Math.floor(Date.now() / 1_000) };
    await redis.multi().rpush(runningKey(id), JSON.stringify(entry)).hset(toolKey, id, process.pid).exec();
  }

  async function end(id: string): Promise<void> {
    await redis.multi().del(runningKey(id)).hdel(toolKey, id).exec();
  }

  async function forget(id: string, { ip, project, user, ports }: SimulatedTask): Promise<void> {
    await redis
      .multi()
      .del(workerKeys.lock(project, ip, ports), workerKeys.task(id))
      .srem(workerKeys.projectTasks(project), id)
      .srem(workerKeys.userTasks(user), id)
      .srem(workerKeys.addressTasks(project, ip), id)
      .exec();
  }

  return {
    run: async (id, task) => {
      if (revoked.has(id)) return 'revoked'; // as Celery does: the task's code never runs, its keys stay
      const cancelled = new AbortController();
      running.set(id, cancelled);
      onBegin(task, id);
      await begin(id, task);
      const early = await sleep(msOf(task), false, { signal: cancelled.signal }).catch(() => true);
      running.delete(id);
      await end(id);
      if (early && ending) return 'interrupted';
      await forget(id, task);
      return early ? 'cancelled' : 'scanned';
    },
    cancel: (ids) => {
      for (const id of ids) running.get(id)?.abort();
    },
    revoke: (ids) => {
      for (const id of ids) revoked.add(id);
    },
    heldOf: (ids) => ids.filter((id) => running.has(id)),
    interrupt: () => {
      ending = true;
      for (const cancelled of running.values()) cancelled.abort();
    },
  };
}
