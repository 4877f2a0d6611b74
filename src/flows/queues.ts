import { FlowProducer, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX } from '../adapters/redis/redis.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import { STAGE_NAMES, type StageName } from '../model/submission.ts';

export function openQueue(name: string, redis: Redis): Queue {
  const queue = new Queue(name, { connection: redis, prefix: QUEUE_PREFIX });
  // The connection's own listener says when Redis is away; without one here Node would end the process.
  queue.on('error', () => {});
  return queue;
}

/** Adds flows to the queues. */
export function openProducer(redis: Redis): FlowProducer {
  const producer = new FlowProducer({ connection: redis, prefix: QUEUE_PREFIX });
  producer.on('error', () => {});
  return producer;
}

/** One queue per stage, named after it. */
export function openQueues(redis: Redis): Record<StageName, Queue> {
  const queues = STAGE_NAMES.map((name) => [name, openQueue(name, redis)] as const);
  return Object.fromEntries(queues) as Record<StageName, Queue>;
}

export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.all(Object.values(queues).map((queue) => queue.close()));
}

/** The names of those that somebody paused on the board. */
export async function pausedQueues(queues: readonly Queue[]): Promise<string[]> {
  const paused = await Promise.all(queues.map((queue) => queue.isPaused()));
  return queues.filter((_, index) => paused[index]).map(({ name }) => name);
}
