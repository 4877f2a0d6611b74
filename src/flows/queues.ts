import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX } from '../adapters/redis.ts';
import type { StageName } from '../adapters/submission.ts';
import { FLOW } from './tree.ts';

/** One queue per stage, named after it. */
export function openQueues(redis: Redis): Record<StageName, Queue> {
  const open = (name: StageName) => {
    const queue = new Queue(name, { connection: redis, prefix: QUEUE_PREFIX });
    // The connection's own listener says when Redis is away; without one here Node would end the process.
    queue.on('error', () => {});
    return queue;
  };
  return {
    expand: open('expand'),
    resolve: open('resolve'),
    dedup: open('dedup'),
    split: open('split'),
    publish: open('publish'),
    submission: open('submission'),
  };
}

export async function closeQueues(queues: Readonly<Record<StageName, Queue>>): Promise<void> {
  await Promise.all(Object.values(FLOW).map(({ name }) => queues[name].close()));
}
