/** How many events of a webhook are tried again at once, and what becomes of the others. */
import { compareIds } from '../../adapters/events/event.ts';
import { BEFORE_ALL } from '../../adapters/events/script.ts';
import type { KnownWebhook } from '../../adapters/webhooks/webhookStore.ts';

/** Beyond them the next events wait where all events are kept: a target that is away collects no jobs. */
export const MOST_RETRIED = 20;

export function isFull({ retried }: Pick<KnownWebhook, 'retried'>): boolean {
  return retried.length >= MOST_RETRIED;
}

/**
 * The event that has to make room for the next ones; undefined: none has to. It is the oldest, once the target has taken a
 * later one: then it is not away, but refuses this one for its own sake.
 */
export function inTheWay(webhook: Pick<KnownWebhook, 'retried' | 'success'>): string | undefined {
  const [oldest] = webhook.retried;
  if (oldest === undefined || !isFull(webhook)) return undefined;
  const taken = webhook.success?.event ?? BEFORE_ALL;
  return compareIds(taken, oldest) > 0 ? oldest : undefined;
}
