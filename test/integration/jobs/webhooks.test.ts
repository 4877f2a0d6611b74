/** Webhooks are called in order, signed, again while they fail, and none of them holds up another one. */

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectEventType } from '../../../src/adapters/events/event.ts';
import { PROJECT_EVENTS } from '../../../src/adapters/events/event.ts';
import { EMIT } from '../../../src/adapters/events/script.ts';
import { projectKeys, WEBHOOKS_DUE_KEY } from '../../../src/adapters/redis/keys.ts';
import { RedisScript } from '../../../src/adapters/redis/script.ts';
import { createStores, type Stores } from '../../../src/adapters/redis/stores.ts';
import { createWebhookHttp } from '../../../src/adapters/webhooks/http.ts';
import { newSecret } from '../../../src/adapters/webhooks/signature.ts';
import type { Webhook } from '../../../src/adapters/webhooks/webhookStore.ts';
import { openWebhookQueue } from '../../../src/jobs/webhooks/queue.ts';
import { type RunningWebhooks, runWebhooks } from '../../../src/jobs/webhooks/runWebhooks.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { linesLog } from '../../support/broker.ts';
import { eventually, ownRedisDb, services } from '../../support/services.ts';
import { isSigned, webhookReceiver } from '../../support/webhookReceiver.ts';

const SECRET = newSecret();
const HOUR_MS = 3_600_000;
const EMIT_NOW = new RedisScript<null>(
  `${EMIT} emit(ARGV[1], ARGV[2], {scan = {id = ARGV[3], user = 'ann'}, targets = 3})`,
);

let redis: Redis;
let stores: Stores;
let lines: string[];
let project: string;
let closers: (() => Promise<unknown>)[];
const http = createWebhookHttp(true, 500);

beforeEach(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb(), maxRetriesPerRequest: null });
  stores = createStores(redis, new Compute());
  project = randomUUID();
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  redis.disconnect();
});

/** A process that calls, `laterMs` in the future. */
function run(laterMs = 0): RunningWebhooks {
  const { log, lines: own } = linesLog();
  lines = own;
  const webhooks = runWebhooks(redis, { ...stores, http, now: () => Date.now() + laterMs, log }, 20);
  const timer = setInterval(() => void webhooks.callDue().catch(() => {}), 50);
  closers.push(async () => {
    clearInterval(timer);
    await webhooks.close();
  });
  return webhooks;
}

async function receiver(answer?: Parameters<typeof webhookReceiver>[0]) {
  const opened = await webhookReceiver(answer);
  closers.push(() => opened.close());
  return opened;
}

function webhook(url: string, more: Partial<Webhook> = {}): Webhook {
  const made = { by: 'ann', createdAt: new Date().toISOString(), secret: SECRET };
  return { id: randomUUID(), url, events: [...PROJECT_EVENTS], format: 'standard', ...made, ...more };
}

const put = (list: Webhook[], of = project) => stores.webhooks.replace(of, list);
const emit = (type: ProjectEventType, of = project, scan: string = randomUUID()) =>
  EMIT_NOW.run(redis, [], [of, type, scan]);
const stateOf = async (id: string, of = project) => {
  const found = (await stores.webhooks.all(of)).find((each) => each.id === id);
  if (found === undefined) throw new Error('there is no such webhook');
  return found;
};
const settled = () => eventually('nobody is due', async () => (await redis.exists(WEBHOOKS_DUE_KEY)) === 0);

describe('a webhook', () => {
  it('gets the events that it wants in their order, each signed so that a receiver can tell', async () => {
    const good = await receiver();
    const other = webhook(good.url, { events: ['scan.finished'] });
    await emit('scan.failed');
    await put([webhook(good.url), { ...other, url: `${good.url}/2` }]);
    run();
    const types: ProjectEventType[] = ['scan.planned', 'scan.paused', 'scan.finished', 'scan.planned'];
    for (const type of types) await emit(type);
    await settled();
    const calls = (path: string) => good.calls.filter((call) => call.path === path);
    expect(calls('/hook').map(({ text }) => JSON.parse(text).type)).toEqual(types);
    expect(calls('/hook/2').map(({ text }) => JSON.parse(text).type)).toEqual(['scan.finished']);
    const events = (await stores.projectEvents.page(project, '0-0', 10)).events;
    expect(calls('/hook').map(({ text }) => JSON.parse(text))).toEqual(events.slice(1));
    for (const call of good.calls) {
      expect(isSigned(SECRET, call)).toBe(true);
      expect(isSigned(newSecret(), call)).toBe(false);
      expect(isSigned(SECRET, { ...call, text: `${call.text} ` })).toBe(false);
    }
    expect(new Set(good.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
    expect(await stateOf(other.id)).toMatchObject({ success: { event: events[3]?.id }, failure: undefined });
  });

  it('of a chat gets a sentence', async () => {
    const chat = await receiver();
    await put([webhook(chat.url, { format: 'slack' })]);
    run();
    await emit('scan.planned', project, '0198a7c4-4d1c');
    await settled();
    expect(JSON.parse(chat.calls[0]?.text ?? '')).toEqual({
      text: `The scan 0198a7c4 of ann is planned: 3 targets to scan. (project ${project.slice(0, 8)})`,
    });
    expect(isSigned(SECRET, chat.calls[0] ?? { path: '', headers: {}, text: '', closed: true })).toBe(true);
  });

  it('that fails is called again with the same id, and what came later waits for its turn', async () => {
    let failures = 3;
    const shaky = await receiver((res) => {
      res.statusCode = failures-- > 0 ? 500 : 204;
      res.end();
    });
    const one = webhook(shaky.url);
    await put([one]);
    run();
    await emit('scan.planned');
    await emit('scan.finished');
    await settled();
    expect(shaky.types()).toEqual([...Array(4).fill('scan.planned'), 'scan.finished']);
    expect(new Set(shaky.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(await stateOf(one.id)).toMatchObject({
      success: { at: expect.any(String) },
      failure: { reason: 'it answered 500' },
      dropped: 0,
    });
  });

  it('that says it is gone is not called any more, until somebody puts it again', async () => {
    let status = 410;
    const gone = await receiver((res) => {
      res.statusCode = status;
      res.end();
    });
    const one = webhook(gone.url);
    await put([one]);
    run();
    await emit('scan.planned');
    await eventually('it is disabled', async () => (await stateOf(one.id)).disabled !== undefined);
    await emit('scan.paused');
    await settled();
    expect(gone.calls).toHaveLength(1);
    status = 200;
    await put([one]);
    await emit('scan.finished');
    await settled();
    expect(gone.types()).toEqual(['scan.planned', 'scan.finished']);
    expect((await stateOf(one.id)).disabled).toBeUndefined();
  });

  it('never gets what could not be delivered for a day: that is said, and the next one follows', async () => {
    let status = 503;
    const away = await receiver((res) => {
      res.statusCode = status;
      res.end();
    });
    const one = webhook(away.url);
    await put([one]);
    await emit('scan.planned');
    run(25 * HOUR_MS);
    await eventually('it is dropped', async () => (await stateOf(one.id)).dropped === 1);
    status = 200;
    await emit('scan.finished');
    await settled();
    expect(away.types()).toEqual(['scan.planned', 'scan.finished']);
    expect(lines.filter((line) => line.includes('a webhook never got an event'))).toHaveLength(1);
    const queue = openWebhookQueue(redis);
    closers.push(() => queue.close());
    const [job] = await queue.getFailed();
    expect(job?.failedReason).toBe('it answered 503; the event is a day old, and is dropped');
    await job?.retry();
    await eventually('somebody had it called again', () => away.calls.length === 3);
    expect(away.types().at(-1)).toBe('scan.planned');
    expect((await stateOf(one.id)).cursor).toBe((await stores.projectEvents.page(project, '0-0', 9)).last);
  });

  it('that had events which are no longer kept is told of the rest, and the others count as dropped', async () => {
    const good = await receiver();
    const one = webhook(good.url);
    await put([one]);
    for (let count = 0; count < 5; count++) await emit('scan.planned');
    await redis.xtrim(projectKeys(project).events, 'MAXLEN', 2);
    run();
    await settled();
    expect(good.calls).toHaveLength(2);
    expect((await stateOf(one.id)).dropped).toBe(1);
    expect(lines.filter((line) => line.includes('not kept any more'))).toHaveLength(1);
  });

  it('that is taken away is not called any more', async () => {
    const away = await receiver((res) => {
      res.statusCode = 500;
      res.end();
    });
    await put([webhook(away.url)]);
    run();
    await emit('scan.planned');
    await eventually('it was called', () => away.calls.length > 0);
    await put([]);
    await settled();
    const queue = openWebhookQueue(redis);
    closers.push(() => queue.close());
    await eventually('its job is through', async () => (await queue.getCompletedCount()) === 1);
    expect(await redis.exists(projectKeys(project).webhooks, projectKeys(project).webhookStates)).toBe(0);
  });
});

it('targets that are slow, dead, huge or lead elsewhere hold up nobody else, and nothing follows them', async () => {
  const elsewhere = await receiver();
  const slow = await receiver(() => {});
  const redirecting = await receiver((res) => void res.writeHead(307, { location: elsewhere.url }).end());
  const huge = await receiver((res) => {
    res.writeHead(200);
    const more = () => {
      while (!res.destroyed && res.write('x'.repeat(65_536)));
      if (!res.destroyed) res.once('drain', more);
    };
    more();
  });
  const dead = await webhookReceiver();
  await dead.close();
  const good = await receiver();
  const bad = Array.from({ length: 6 }, (_, index) => webhook(`${slow.url}/${index}`));
  const [r, h, d] = [webhook(redirecting.url), webhook(huge.url), webhook(dead.url)];
  await put([...bad, r, h, d]);
  const others = randomUUID();
  await put([webhook(good.url)], others);
  run();
  for (let count = 0; count < 3; count++) {
    await emit('scan.planned');
    await emit('scan.planned', others);
  }
  await eventually('the others have theirs', () => good.calls.length === 3);
  await eventually('slow ones are called', () => slow.calls.length >= 1);
  // Those of one project may wait for each other: four are called at once.
  expect(slow.calls.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(4);
  await eventually('the others of the project have had their turn', async () => {
    const states = await Promise.all([r, h, d].map(({ id }) => stateOf(id)));
    return states[0]?.failure && states[1]?.success && states[2]?.failure;
  });
  expect((await stateOf(r.id)).failure?.reason).toBe('it answered 307: redirects are not followed');
  expect((await stateOf(d.id)).failure?.reason).toContain('ECONNREFUSED');
  expect(elsewhere.calls).toEqual([]);
  await eventually('nobody reads what is endless', () => huge.calls[0]?.closed);
  await eventually(
    'who does not answer is let go',
    async () => (await stateOf(bad[0]?.id ?? '')).failure?.reason === 'no answer within 0.5 s',
  );
});

it('jobs hold ids only: no secret and no URL is on the board', async () => {
  const away = await receiver((res) => {
    res.statusCode = 500;
    res.end();
  });
  await put([webhook(`${away.url}/path-that-is-secret`)]);
  run();
  await emit('scan.planned');
  await eventually('it was called twice', () => away.calls.length > 1);
  for (const key of await redis.keys('tasker:queue:webhooks:*')) {
    const type = await redis.type(key);
    if (type !== 'hash') continue;
    const text = JSON.stringify(await redis.hgetall(key));
    for (const secret of [SECRET, 'path-that-is-secret', away.url]) expect(text).not.toContain(secret);
  }
  expect(lines.join()).not.toContain('path-that-is-secret');
});

it('an address that is not public is never connected to, in whatever notation', async () => {
  const inside = await receiver();
  const { port } = inside;
  const closed = createWebhookHttp(false);
  closers.push(() => closed.close());
  const hosts = ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '0.0.0.0', '[::1]'];
  hosts.push(
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::127.0.0.1]',
    '[::]',
    '１２７.0.0.1',
    'LOCALHOST',
  );
  for (const host of hosts) {
    const why = await closed.post(`http://${host}:${port}/`, {}, '{}');
    expect([host, why]).toEqual([host, expect.stringContaining('private or special address')]);
  }
  expect(inside.calls).toEqual([]);
  expect(await http.post(`http://localhost:${port}/`, {}, '{}')).toBe(200);
});
