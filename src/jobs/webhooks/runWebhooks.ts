import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX, saysRedisIsAway } from '../../adapters/redis/redis.ts';
import { messageOf, PermanentError } from '../../runtime/errors.ts';
import { NoShare, ProjectShares } from '../runner/projectShares.ts';
import { LOCKS } from '../runner/runJobs.ts';
import { type CallServices, call, callDue } from './call.ts';
import { openWebhookQueue, WEBHOOKS, type WebhookJob, webhookJobOf } from './queue.ts';

/** Calls at once in one process, and those of one webhook: a target that is slow holds up nobody else. */
const CONCURRENCY = 250;
const SHARE = 1;
/** A job beyond the share of its webhook comes back by itself after this, should nobody call it back. */
const ASIDE_MS = 5_000;
const CLOSE_TIMEOUT_MS = 3_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
const FIRST_PAUSE_MS = 5_000;

export interface RunningWebhooks {
  /** Has those called that have not heard of everything. */
  callDue(): Promise<void>;
  close(): Promise<void>;
}

/** Takes webhook jobs and calls, in this process. A target that fails is called again after growing pauses. */
export function runWebhooks(
  redis: Redis,
  given: Omit<CallServices, 'queue'>,
  firstPauseMs = FIRST_PAUSE_MS,
): RunningWebhooks {
  const queue = openWebhookQueue(redis);
  const services = { ...given, queue };
  const shares = new ProjectShares(SHARE, async (id) => {
    const waiting = await queue.getJob(id);
    await waiting?.promote();
    return waiting !== undefined;
  });
  const worker = new Worker(WEBHOOKS, (job, token) => run(job, token, shares, services), {
    connection: redis,
    prefix: QUEUE_PREFIX,
    concurrency: CONCURRENCY,
    ...LOCKS,
    maxStalledCount: 1_000,
    settings: {
      backoffStrategy: (attempt) => Math.min(firstPauseMs * 2 ** Math.min(attempt - 1, 20), LONGEST_PAUSE_MS),
    },
  });
  worker.on('error', (error) => {
    if (!saysRedisIsAway(error)) given.log.warn({ err: messageOf(error) }, 'webhook worker trouble');
  });
  return {
    callDue: () => callDue(services),
    close: async () => {
      const timer = setTimeout(() => worker.close(true), CLOSE_TIMEOUT_MS);
      await worker.close().finally(() => clearTimeout(timer));
      await queue.close();
    },
  };
}

async function run(
  job: Job<WebhookJob>,
  token: string | undefined,
  shares: ProjectShares,
  services: CallServices,
): Promise<object> {
  const ref = webhookJobOf(job.data);
  const { id = '' } = job;
  try {
    return await shares.run(ref.webhook, id, () => call(ref, services));
  } catch (error) {
    if (error instanceof NoShare) {
      await job.moveToDelayed(Date.now() + ASIDE_MS, token);
      shares.wasSetAside(ref.webhook, id);
      throw new DelayedError();
    }
    const { project, webhook, event } = ref;
    const told = { project, webhook, event, err: messageOf(error), attempt: job.attemptsMade + 1 };
    services.log.debug(told, 'a webhook was not told of an event');
    if (error instanceof PermanentError) throw new UnrecoverableError(error.message);
    throw error;
  }
}
