import type { Redis } from 'ioredis';
import { workerKeys } from '../../src/adapters/workers/keys.ts';
import type { QueuedTask } from './scanQueue.ts';

/** What a worker does when it has scanned: its keys go. */
export async function workOn(redis: Redis, tasks: readonly QueuedTask[]): Promise<void> {
  for (const { id, task } of tasks) {
    const { project, ip, user, open_ports_str: ports } = task;
    await redis.del(workerKeys.lock(project, ip, String(ports)), workerKeys.task(id));
    await redis.srem(workerKeys.projectTasks(project), id);
    await redis.srem(workerKeys.userTasks((user as { id: string }).id), id);
    await redis.srem(workerKeys.addressTasks(project, ip), id);
  }
}
