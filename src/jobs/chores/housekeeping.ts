import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX, saysRedisIsAway } from '../../adapters/redis/redis.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { LOCKS } from '../runner/runJobs.ts';
import { CHORES, type Chore, type HousekeepingServices } from './chores.ts';

export const HOUSEKEEPING = 'housekeeping';
export const HOUSEKEEPING_DESCRIPTION = CHORES.map(({ description }) => description).join(' ');

/** Tried again for about 15 s: at start RabbitMQ may be slower than we are. After that the next turn is near enough. */
const CHORE_OPTIONS = {
  attempts: 6,
  backoff: { type: 'exponential', delay: 500 },
  removeOnComplete: { count: 10 },
  removeOnFail: { count: 50 },
};

/** What runs so often would push all others off the board. */
const OFTEN_MS = 5_000;

function optionsOf({ everyMs }: Chore) {
  return everyMs < OFTEN_MS ? { ...CHORE_OPTIONS, removeOnComplete: true } : CHORE_OPTIONS;
}

/** Processes that start within this time count as one start. */
const ONE_START_MS = 10_000;

/** How often each process looks whether the chores are still scheduled. */
const SCHEDULE_CHECK_MS = 30_000;

/** Schedules the chores and runs those that fall to this process. */
export async function runHousekeeping(
  redis: Redis,
  services: HousekeepingServices,
  scheduleCheckMs = SCHEDULE_CHECK_MS,
): Promise<{ close(): Promise<void> }> {
  const queue = new Queue(HOUSEKEEPING, { connection: redis, prefix: QUEUE_PREFIX });
  queue.on('error', () => {});
  const worker = new Worker(HOUSEKEEPING, (job) => runChore(job, services), {
    connection: redis,
    prefix: QUEUE_PREFIX,
    ...LOCKS,
  });
  worker.on('error', (error) => {
    if (!saysRedisIsAway(error)) services.log.warn({ err: messageOf(error) }, 'housekeeping worker trouble');
  });
  await schedule(queue, CHORES);
  const check = setInterval(() => void scheduleMissing(queue, services.log), scheduleCheckMs);
  return {
    close: async () => {
      clearInterval(check);
      await worker.close();
      await queue.close();
    },
  };
}

async function schedule(queue: Queue, chores: readonly Chore[]): Promise<void> {
  for (const chore of chores) {
    const { name, everyMs, atStart } = chore;
    const opts = optionsOf(chore);
    const from = atStart ? { startDate: Date.now() + everyMs } : {};
    await queue.upsertJobScheduler(name, { every: everyMs, ...from }, { name, opts });
    if (atStart)
      await queue.add(name, {}, { ...opts, deduplication: { id: `start-${name}`, ttl: ONE_START_MS } });
  }
}

/**
 * The schedule lives in Redis. When that was emptied, nobody would ask the workers for a sign of life any more, and
 * they would all seem to be gone. What is there is left alone: to schedule it again would shift it.
 */
async function scheduleMissing(queue: Queue, log: Logger): Promise<void> {
  try {
    const scheduled = new Set((await queue.getJobSchedulers()).map(({ key }) => key));
    const missing = CHORES.filter(({ name }) => !scheduled.has(name));
    if (missing.length === 0) return;
    await schedule(queue, missing);
    log.warn(
      { chores: missing.map(({ name }) => name) },
      'chores were not scheduled any more: scheduled again',
    );
  } catch (error) {
    log.debug({ err: messageOf(error) }, 'not looked whether the chores are scheduled');
  }
}

async function runChore(job: Job, services: HousekeepingServices): Promise<void> {
  const chore = CHORES.find(({ name }) => name === job.name);
  if (!chore) throw new Error(`there is no chore ${job.name}`);
  const log = services.log.child({ chore: chore.name });
  try {
    await chore.run({ ...services, log });
  } catch (error) {
    // At start RabbitMQ is often slower than we are: only what stays is worth a warning.
    const last = job.attemptsMade + 1 >= CHORE_OPTIONS.attempts;
    log[last ? 'warn' : 'debug']({ err: messageOf(error), attempt: job.attemptsMade + 1 }, 'chore failed');
    throw error;
  }
}
