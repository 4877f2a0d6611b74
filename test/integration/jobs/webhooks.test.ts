/** Webhooks are called in order, signed, again while they fail, and none of them holds up another one. */

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectEventType } from '../../../src/adapters/events/event.ts';
import { projectKeys } from '../../../src/adapters/redis/keys.ts';
import { newSecret } from '../../../src/adapters/webhooks/signature.ts';
import { eventually } from '../../support/services.ts';
import { endlessly, isSigned, webhookReceiver } from '../../support/webhookReceiver.ts';
import { openWebhookScene, SECRET, type WebhookScene, webhook } from '../../support/webhookScene.ts';

const HOUR_MS = 3_600_000;

let scene: WebhookScene;
let project: string;
beforeEach(async () => {
  scene = await openWebhookScene();
  project = scene.project;
});
afterEach(() => scene.close());

describe('a webhook', () => {
  it('gets the events that it wants in their order, each signed so that a receiver can tell', async () => {
    const good = await scene.receiver();
    const other = webhook(good.url, { events: ['scan.finished'] });
    await scene.emit('scan.failed');
    await scene.put([webhook(good.url), { ...other, url: `${good.url}/2` }]);
    scene.run();
    const types: ProjectEventType[] = ['scan.planned', 'scan.paused', 'scan.finished', 'scan.planned'];
    for (const type of types) await scene.emit(type);
    await scene.settled();
    const calls = (path: string) => good.calls.filter((call) => call.path === path);
    expect(calls('/hook').map(({ text }) => JSON.parse(text).type)).toEqual(types);
    expect(calls('/hook/2').map(({ text }) => JSON.parse(text).type)).toEqual(['scan.finished']);
    const events = (await scene.stores.projectEvents.page(project, '0-0', 10)).events;
    expect(calls('/hook').map(({ text }) => JSON.parse(text))).toEqual(events.slice(1));
    for (const call of good.calls) {
      expect(isSigned(SECRET, call)).toBe(true);
      expect(isSigned(newSecret(), call)).toBe(false);
      expect(isSigned(SECRET, { ...call, text: `${call.text} ` })).toBe(false);
    }
    expect(new Set(good.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(5);
    expect(await scene.stateOf(other.id)).toMatchObject({
      success: { event: events[3]?.id },
      failure: undefined,
    });
  });

  it('of a chat gets a sentence', async () => {
    const chat = await scene.receiver();
    await scene.put([webhook(chat.url, { format: 'slack' })]);
    scene.run();
    await scene.emit('scan.planned', project, '0198a7c4-4d1c');
    await scene.settled();
    expect(JSON.parse(chat.calls[0]?.text ?? '')).toEqual({
      text: `The scan 0198a7c4 of ann is planned: 3 targets to scan. (project ${project.slice(0, 8)})`,
    });
    expect(isSigned(SECRET, chat.calls[0] ?? { path: '', headers: {}, text: '', closed: true })).toBe(true);
  });

  it('that refuses an event is called again for it, with the same id, and gets the later ones meanwhile', async () => {
    let isMended = false;
    const picky = await scene.receiver((res, { text }) => {
      const refused = JSON.parse(text).type === 'scan.planned' && !isMended;
      res.writeHead(refused ? 422 : 204).end();
    });
    const one = webhook(picky.url);
    await scene.put([one]);
    scene.run();
    for (const type of ['scan.planned', 'scan.paused', 'scan.resumed', 'scan.finished'] as const)
      await scene.emit(type);
    await scene.settled();
    const planned = () => picky.calls.filter(({ text }) => JSON.parse(text).type === 'scan.planned');
    expect(picky.types().filter((type) => type !== 'scan.planned')).toEqual([
      'scan.paused',
      'scan.resumed',
      'scan.finished',
    ]);
    const [event] = (await scene.stores.projectEvents.page(project, '0-0', 1)).events;
    expect(await scene.stateOf(one.id)).toMatchObject({
      failure: { reason: 'it answered 422', event: event?.id },
      ...{ retried: [event?.id], dropped: 0 },
    });
    await eventually('it is tried again', () => planned().length > 2);
    isMended = true;
    await eventually('it was taken', async () => (await scene.stateOf(one.id)).retried.length === 0);
    expect(new Set(planned().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await scene.stateOf(one.id)).toMatchObject({ success: { event: event?.id }, dropped: 0 });
  });

  it('that says it is gone is not called any more, until somebody puts it again', async () => {
    let status = 410;
    const gone = await scene.receiver((res) => {
      res.statusCode = status;
      res.end();
    });
    const one = webhook(gone.url);
    await scene.put([one]);
    scene.run();
    await scene.emit('scan.planned');
    await eventually('it is disabled', async () => (await scene.stateOf(one.id)).disabled !== undefined);
    await scene.emit('scan.paused');
    await scene.settled();
    expect(gone.calls).toHaveLength(1);
    status = 200;
    await scene.put([one]);
    await scene.emit('scan.finished');
    await scene.settled();
    expect(gone.types()).toEqual(['scan.planned', 'scan.finished']);
    expect((await scene.stateOf(one.id)).disabled).toBeUndefined();
  });

  it('never gets what could not be delivered for a day: that is said, and the next one follows', async () => {
    let status = 503;
    const away = await scene.receiver((res) => {
      res.statusCode = status;
      res.end();
    });
    const one = webhook(away.url);
    await scene.put([one]);
    await scene.emit('scan.planned');
    scene.run(25 * HOUR_MS);
    await eventually('it is dropped', async () => (await scene.stateOf(one.id)).dropped === 1);
    status = 200;
    await scene.emit('scan.finished');
    await scene.settled();
    expect(away.types()).toEqual(['scan.planned', 'scan.finished']);
    expect(scene.lines.filter((line) => line.includes('a webhook never got an event'))).toHaveLength(1);
    const [job] = await scene.queue.getFailed();
    expect(job?.failedReason).toBe('it answered 503; the event is a day old, and is dropped');
    await job?.retry();
    await eventually('somebody had it called again', () => away.calls.length === 3);
    expect(away.types().at(-1)).toBe('scan.planned');
    expect((await scene.stateOf(one.id)).cursor).toBe(
      (await scene.stores.projectEvents.page(project, '0-0', 9)).last,
    );
  });

  it('that had events which are no longer kept is told of the rest, and the others count as dropped', async () => {
    const good = await scene.receiver();
    const one = webhook(good.url);
    await scene.put([one]);
    for (let count = 0; count < 5; count++) await scene.emit('scan.planned');
    await scene.redis.xtrim(projectKeys(project).events, 'MAXLEN', 2);
    scene.run();
    await scene.settled();
    expect(good.calls).toHaveLength(2);
    expect((await scene.stateOf(one.id)).dropped).toBe(1);
    expect(scene.lines.filter((line) => line.includes('not kept any more'))).toHaveLength(1);
  });

  it('that is taken away is not called any more', async () => {
    const away = await scene.receiver((res) => {
      res.statusCode = 500;
      res.end();
    });
    await scene.put([webhook(away.url)]);
    scene.run();
    await scene.emit('scan.planned');
    await eventually('it was called', () => away.calls.length > 0);
    await scene.put([]);
    await scene.settled();
    await eventually('its job is through', async () => (await scene.queue.getCompletedCount()) === 1);
    expect(await scene.redis.exists(projectKeys(project).webhooks, projectKeys(project).webhookStates)).toBe(
      0,
    );
  });
});

it('targets that are slow, dead, huge or lead elsewhere hold up nobody else, and nothing follows them', async () => {
  const elsewhere = await scene.receiver();
  const slow = await scene.receiver(() => {});
  const redirecting = await scene.receiver(
    (res) => void res.writeHead(307, { location: elsewhere.url }).end(),
  );
  const huge = await scene.receiver(endlessly);
  const dead = await webhookReceiver();
  await dead.close();
  const good = await scene.receiver();
  const bad = Array.from({ length: 6 }, (_, index) => webhook(`${slow.url}/${index}`));
  const [r, h, d] = [webhook(redirecting.url), webhook(huge.url), webhook(dead.url)];
  await scene.put([...bad, r, h, d]);
  const others = randomUUID();
  await scene.put([webhook(good.url)], others);
  scene.run();
  for (let count = 0; count < 3; count++) {
    await scene.emit('scan.planned');
    await scene.emit('scan.planned', others);
  }
  await eventually('the others have theirs', () => good.calls.length === 3);
  await eventually('slow ones are called', () => slow.calls.length >= 1);
  // The calls of one webhook wait for each other, and for nobody else.
  const running = slow.calls.filter(({ closed }) => !closed).map(({ path }) => path);
  expect(new Set(running).size).toBe(running.length);
  await eventually('the others of the project have had their turn', async () => {
    const states = await Promise.all([r, h, d].map(({ id }) => scene.stateOf(id)));
    return states[0]?.failure && states[1]?.success && states[2]?.failure;
  });
  expect((await scene.stateOf(r.id)).failure?.reason).toBe('it answered 307: redirects are not followed');
  expect((await scene.stateOf(d.id)).failure?.reason).toContain('ECONNREFUSED');
  expect(elsewhere.calls).toEqual([]);
  await eventually('nobody reads what is endless', () => huge.calls[0]?.closed);
  await eventually(
    'who does not answer is let go',
    async () => (await scene.stateOf(bad[0]?.id ?? '')).failure?.reason === 'no answer within 0.5 s',
  );
});

it('jobs hold ids only: no secret and no URL is on the board', async () => {
  const away = await scene.receiver((res) => {
    res.statusCode = 500;
    res.end();
  });
  await scene.put([webhook(`${away.url}/path-that-is-secret`)]);
  scene.run();
  await scene.emit('scan.planned');
  await eventually('it was called twice', () => away.calls.length > 1);
  for (const key of await scene.redis.keys('tasker:queue:webhooks:*')) {
    const type = await scene.redis.type(key);
    if (type !== 'hash') continue;
    const text = JSON.stringify(await scene.redis.hgetall(key));
    for (const secret of [SECRET, 'path-that-is-secret', away.url]) expect(text).not.toContain(secret);
  }
  expect(scene.lines.join()).not.toContain('path-that-is-secret');
});
