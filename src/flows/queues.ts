import { FlowProducer, Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX } from '../adapters/redis/redis.ts';
import type { Queues } from '../jobs/runner/stage.ts';
import { STAGE_NAMES, type StageName } from '../model/submission.ts';

/** @param telemetry where the steps of jobs are told; undefined: nowhere */
export function openQueue(name: string, redis: Redis, telemetry?: Telemetry): Queue {
  const queue = new Queue(name, { connection: redis, prefix: QUEUE_PREFIX, ...(telemetry && { telemetry }) });
  // The connection's own listener says when Redis is away; without one here Node would end the process.
  queue.on('error', () => {});
  return queue;
}

/** Adds flows to the queues. */
export function openProducer(redis: Redis, telemetry?: Telemetry): FlowProducer {
  const options = { connection: redis, prefix: QUEUE_PREFIX };
  const producer = new FlowProducer({ ...options, ...(telemetry && { telemetry }) });
  producer.on('error', () => {});
  return producer;
}

/** One queue per stage, named after it. */
export function openQueues(redis: Redis, telemetry?: Telemetry): Record<StageName, Queue> {
  const queues = STAGE_NAMES.map((name) => [name, openQueue(name, redis, telemetry)] as const);
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
