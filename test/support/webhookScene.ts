/** A Redis with projects, events and webhooks, and processes that call. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { PROJECT_EVENTS, type ProjectEventType } from '../../src/adapters/events/event.ts';
import { EMIT } from '../../src/adapters/events/script.ts';
import { WEBHOOKS_DUE_KEY } from '../../src/adapters/redis/keys.ts';
import { RedisScript } from '../../src/adapters/redis/script.ts';
import { createStores } from '../../src/adapters/redis/stores.ts';
import { createWebhookHttp } from '../../src/adapters/webhooks/http.ts';
import { newSecret } from '../../src/adapters/webhooks/signature.ts';
import type { Webhook } from '../../src/adapters/webhooks/webhookStore.ts';
import { openWebhookQueue } from '../../src/jobs/webhooks/queue.ts';
import { type RunningWebhooks, runWebhooks } from '../../src/jobs/webhooks/runWebhooks.ts';
import { Compute } from '../../src/runtime/compute.ts';
import { linesLog } from './broker.ts';
import { eventually, ownRedisDb, services } from './services.ts';
import { webhookReceiver } from './webhookReceiver.ts';

export const SECRET = newSecret();
const EMIT_NOW = new RedisScript<null>(
  `${EMIT} emit(ARGV[1], ARGV[2], {scan = {id = ARGV[3], user = 'ann'}, targets = 3})`,
);

export type WebhookScene = Awaited<ReturnType<typeof openWebhookScene>>;

export async function openWebhookScene() {
  const redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  const stores = createStores(redis, new Compute());
  const project: string = randomUUID();
  const { log, lines } = linesLog();
  const http = createWebhookHttp(true, { timeoutMs: 500 });
  const closers: (() => Promise<unknown>)[] = [async () => redis.disconnect(), () => http.close()];
  const queue = openWebhookQueue(redis);
  closers.push(() => queue.close());
  const state = async (id: string, of = project) => {
    const found = (await stores.webhooks.all(of)).find((each) => each.id === id);
    if (found === undefined) throw new Error('there is no such webhook');
    return found;
  };
  return {
    ...{ redis, stores, project, http, lines, queue, stateOf: state },
    /** A process that calls, `laterMs` in the future. */
    run(laterMs = 0, firstPauseMs = 20): RunningWebhooks {
      const given = { ...stores, http, now: () => Date.now() + laterMs, log };
      const webhooks = runWebhooks(redis, given, firstPauseMs);
      const timer = setInterval(() => void webhooks.callDue().catch(() => {}), 50);
      closers.push(async () => {
        clearInterval(timer);
        await webhooks.close();
      });
      return webhooks;
    },
    async receiver(answer?: Parameters<typeof webhookReceiver>[0]) {
      const opened = await webhookReceiver(answer);
      closers.push(() => opened.close());
      return opened;
    },
    put: (list: Webhook[], of = project) => stores.webhooks.replace(of, list),
    emit: (type: ProjectEventType, of = project, scan: string = randomUUID()) =>
      EMIT_NOW.run(redis, [], [of, type, scan]),
    settled: () => eventually('nobody is due', async () => (await redis.exists(WEBHOOKS_DUE_KEY)) === 0),
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}

export function webhook(url: string, more: Partial<Webhook> = {}): Webhook {
  const made = { by: 'ann', createdAt: new Date().toISOString(), secret: SECRET };
  return { id: randomUUID(), url, events: [...PROJECT_EVENTS], format: 'standard', ...made, ...more };
}
