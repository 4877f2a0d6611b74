import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_PREFIX } from '../../adapters/redis/redis.ts';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { KnownWebhook } from '../../adapters/webhooks/webhookStore.ts';
import type { Logger } from '../../runtime/log.ts';
import { inTheWay, isFull } from './room.ts';

export const WEBHOOKS = 'webhooks';
export const WEBHOOKS_DESCRIPTION =
  'Each job tells one webhook of one event, and again for a day while that fails; the next event follows after the first call.';

/** Ids only: what they stand for is read when it is needed. */
export interface WebhookJob {
  project: string;
  webhook: string;
  event: string;
}

/** Far more than fit into the day after which an event is dropped. */
const ATTEMPTS = 1_000;
const DAY_S = 24 * 3600;
const OPTIONS = {
  attempts: ATTEMPTS,
  backoff: { type: 'custom' },
  removeOnComplete: { age: DAY_S, count: 1_000 },
  removeOnFail: { age: 14 * DAY_S, count: 5_000 },
  // One for each try would be most of what a job takes in Redis.
  stackTraceLimit: 1,
};
const READ_AT_ONCE = 200;

export function openWebhookQueue(redis: Redis): Queue<WebhookJob> {
  const queue = new Queue<WebhookJob>(WEBHOOKS, { connection: redis, prefix: QUEUE_PREFIX });
  queue.on('error', () => {});
  return queue;
}

interface NextServices extends Pick<Stores, 'webhooks' | 'projectEvents'> {
  queue: Queue<WebhookJob>;
  log: Logger;
}

/**
 * Has a webhook called for its next event. A job that exists is left alone, so this may be done at any time.
 * false: there is none.
 */
export async function addNext(
  project: string,
  webhook: KnownWebhook,
  services: NextServices,
): Promise<boolean> {
  if (webhook.disabled !== undefined) return false;
  if (isFull(webhook)) {
    await makeRoom(project, webhook, services.queue);
    return true;
  }
  const next = await nextEvent(project, webhook, services);
  if (next !== undefined) await addCall({ project, webhook: webhook.id, event: next }, services.queue);
  return next !== undefined;
}

/** Has the oldest one tried at once that is in the way: it ends with that. Somebody may have deleted its job. */
async function makeRoom(project: string, webhook: KnownWebhook, queue: Queue<WebhookJob>): Promise<void> {
  const [oldest] = webhook.retried;
  if (oldest === undefined) return;
  const job = await addCall({ project, webhook: webhook.id, event: oldest }, queue);
  // One that does not wait for its time is tried soon anyway.
  if (inTheWay(webhook) === oldest) await job.promote().catch(() => {});
}

function addCall(data: WebhookJob, queue: Queue<WebhookJob>) {
  return queue.add('call', data, { ...OPTIONS, jobId: `${data.webhook}-${data.event}` });
}

/** undefined: there is none yet. */
async function nextEvent(
  project: string,
  { id, events, cursor }: KnownWebhook,
  { webhooks, projectEvents, log }: NextServices,
): Promise<string | undefined> {
  for (let after = cursor; ; ) {
    const page = await projectEvents.page(project, after, READ_AT_ONCE);
    const { missedUpTo } = page;
    if (missedUpTo !== undefined && (await webhooks.dropped(project, id, missedUpTo)))
      log.warn(
        { project, webhook: id, upTo: missedUpTo },
        'a webhook never got events: they are not kept any more',
      );
    const next = page.events.find(({ type }) => events.includes(type));
    if (next !== undefined) return next.id;
    if (page.last === after) {
      if (after !== cursor) await webhooks.passed(project, id, after);
      return undefined;
    }
    after = page.last;
  }
}

/** Checks what stands in a job's data: it comes out of Redis. */
export function webhookJobOf(data: unknown): WebhookJob {
  const { project, webhook, event } = (data ?? {}) as Partial<Record<string, unknown>>;
  if (typeof project === 'string' && typeof webhook === 'string' && typeof event === 'string')
    return { project, webhook, event };
  throw new Error('this job names no project, webhook and event: remove it');
}
