import type { Queue } from 'bullmq';
import type { ProjectEvent } from '../../adapters/events/event.ts';
import type { Stores } from '../../adapters/redis/stores.ts';
import type { WebhookHttp } from '../../adapters/webhooks/http.ts';
import { slackText } from '../../adapters/webhooks/sentence.ts';
import { signedHeaders } from '../../adapters/webhooks/signature.ts';
import type { KnownWebhook } from '../../adapters/webhooks/webhookStore.ts';
import { PermanentError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { addNext, type WebhookJob } from './queue.ts';
import { inTheWay } from './room.ts';

export interface CallServices extends Pick<Stores, 'webhooks' | 'projectEvents'> {
  queue: Queue<WebhookJob>;
  http: WebhookHttp;
  /** Epoch milliseconds, by the clock that all processes share. */
  now(): number;
  log: Logger;
}

/** An event that was not delivered for so long is dropped. */
const DROPPED_AFTER_MS = 24 * 3_600_000;
/** The target says that it is gone for good. */
const GONE = 410;

/**
 * Tells a webhook of an event, and has the next one follow, also when the target refuses this one. Run again it calls
 * again: a target knows the event by its id.
 *
 * @throws PermanentError when the event is dropped, or the webhook disabled; other errors when trying again may help
 */
export async function call(
  { project, webhook: id, event: eventId }: WebhookJob,
  services: CallServices,
): Promise<{ status?: number; over?: string }> {
  const { webhooks, projectEvents } = services;
  const webhook = await find(project, id, services);
  if (webhook === undefined || webhook.disabled !== undefined) return { over: 'nobody wants it any more' };
  const event = await projectEvents.find(project, eventId);
  if (event === undefined) {
    await drop(project, id, eventId, 'it is not kept any more', services);
    return { over: 'the event is not kept any more' };
  }
  if (!webhook.events.includes(event.type)) {
    await webhooks.passed(project, id, eventId);
    await goOn(project, id, services);
    return { over: 'nobody wants events of this type any more' };
  }
  const status = await post(webhook, event, services);
  const at = new Date(services.now()).toISOString();
  if (typeof status === 'number' && status >= 200 && status < 300) {
    await webhooks.succeeded(project, id, { at, event: eventId });
    await goOn(project, id, services);
    return { status };
  }
  const reason = reasonOf(status);
  await webhooks.failed(project, id, { at, event: eventId, reason });
  return failed({ project, id, event, status, reason }, services);
}

async function post(
  { id, url, secret, format }: KnownWebhook,
  event: ProjectEvent,
  { http, now }: CallServices,
): Promise<number | string> {
  const body = JSON.stringify(format === 'slack' ? { text: slackText(event) } : event);
  // One id for each event and target, so that whoever is told twice knows.
  const headers = signedHeaders(secret, `${id}_${event.id}`, Math.floor(now() / 1_000), body);
  return http.post(url, headers, body);
}

function reasonOf(status: number | string): string {
  if (typeof status === 'string') return status;
  const isRedirect = status >= 300 && status < 400;
  return `it answered ${status}${isRedirect ? ': redirects are not followed' : ''}`;
}

interface Failed {
  project: string;
  /** Of the webhook. */
  id: string;
  event: ProjectEvent;
  status: number | string;
  reason: string;
}

async function failed(
  { project, id, event, status, reason }: Failed,
  services: CallServices,
): Promise<never> {
  const { webhooks, now, log } = services;
  if (status === GONE) {
    await webhooks.disable(project, id, `it answered ${GONE}: it is gone`);
    log.warn({ project, webhook: id, event: event.id }, 'a webhook is gone, and is not called any more');
    throw new PermanentError(`${reason}: it is not called any more`);
  }
  const webhook = await find(project, id, services);
  const why = webhook && whyDropped(event, webhook, now());
  if (why !== undefined) {
    await drop(project, id, event.id, `${reason}; ${why}`, services);
    throw new PermanentError(`${reason}; ${why}, and is dropped`);
  }
  await goOn(project, id, services);
  throw new Error(reason);
}

/** undefined: it is tried again. */
function whyDropped({ id, timestamp }: ProjectEvent, webhook: KnownWebhook, nowMs: number) {
  if (nowMs - Date.parse(timestamp) >= DROPPED_AFTER_MS) return 'the event is a day old';
  if (inTheWay(webhook) === id) return 'the event was refused while later ones were taken';
  // Somebody had it tried once more.
  return webhook.retried.includes(id) ? undefined : 'the event was given up before';
}

async function drop(
  project: string,
  id: string,
  event: string,
  reason: string,
  services: CallServices,
): Promise<void> {
  const isNew = await services.webhooks.dropped(project, id, event);
  if (isNew) services.log.warn({ project, webhook: id, event, reason }, 'a webhook never got an event');
  await goOn(project, id, services);
}

async function goOn(project: string, id: string, services: CallServices): Promise<void> {
  const webhook = await find(project, id, services);
  if (webhook !== undefined) await addNext(project, webhook, services);
}

async function find(project: string, id: string, { webhooks }: Pick<CallServices, 'webhooks'>) {
  return (await webhooks.all(project)).find((each) => each.id === id);
}

/**
 * Has the webhooks called that have not heard of everything. Run every second; it also finds what a process left behind
 * that died.
 */
export async function callDue(services: Omit<CallServices, 'http'>): Promise<void> {
  const { webhooks } = services;
  for (const [project, counter] of Object.entries(await webhooks.due())) {
    let isBusy = false;
    for (const webhook of await webhooks.all(project))
      isBusy = (await addNext(project, webhook, services)) || isBusy;
    if (!isBusy) await webhooks.settled(project, counter);
  }
}
