/** What a webhook collects that takes nothing, or not everything: never jobs without bounds. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectKeys } from '../../../src/adapters/redis/keys.ts';
import { MOST_RETRIED } from '../../../src/jobs/webhooks/room.ts';
import { eventually } from '../../support/services.ts';
import { openWebhookScene, type WebhookScene, webhook } from '../../support/webhookScene.ts';

const DAY_MS = 24 * 3_600_000;

let scene: WebhookScene;
beforeEach(async () => {
  scene = await openWebhookScene();
});
afterEach(() => scene.close());

/** Refuses what it is told to, and counts the calls of each event. */
async function receiver(refuses: (type: string) => number | undefined) {
  const calls = new Map<string, number>();
  const opened = await scene.receiver((res, { text }) => {
    const { id, type } = JSON.parse(text);
    calls.set(id, (calls.get(id) ?? 0) + 1);
    res.writeHead(refuses(type) ?? 204).end();
  });
  return { ...opened, calls };
}

const lines = () => scene.lines.filter((line) => line.includes('a webhook never got an event'));
const eventIds = async () =>
  (await scene.stores.projectEvents.page(scene.project, '0-0', 500)).events.map(({ id }) => id);

it('a target that is away has a few jobs, loses nothing of a day, and gets all when it is back', async () => {
  let isAway = true;
  const target = await receiver(() => (isAway ? 503 : undefined));
  const one = webhook(target.url);
  await scene.put([one]);
  for (let count = 0; count < 3 * MOST_RETRIED; count++) await scene.emit('scan.planned');
  const ids = await eventIds();
  scene.run();
  await eventually('each of them is tried again', () => {
    const tries = ids.slice(0, MOST_RETRIED).map((id) => target.calls.get(id) ?? 0);
    return tries.every((count) => count > 2);
  });
  expect([...target.calls.keys()].sort()).toEqual(ids.slice(0, MOST_RETRIED));
  expect((await scene.queue.getJobs()).length).toBe(MOST_RETRIED);
  expect((await scene.stateOf(one.id)).retried).toEqual(ids.slice(0, MOST_RETRIED));
  // One stack for all tries: with one for each the job would grow all day.
  for (const job of await scene.queue.getDelayed()) expect(job.stacktrace?.length).toBeLessThanOrEqual(1);
  isAway = false;
  await scene.settled();
  await eventually('all are taken', async () => (await scene.stateOf(one.id)).retried.length === 0);
  expect([...target.calls.keys()].sort()).toEqual(ids);
  expect([await scene.stateOf(one.id), lines()]).toMatchObject([{ dropped: 0 }, []]);
});

it('a target that takes some and refuses many gets all that it takes; of the others the oldest are given up', async () => {
  let refused = 422;
  const target = await receiver((type) => (type === 'scan.failed' ? refused : undefined));
  const one = webhook(target.url);
  await scene.put([one]);
  const [bad, more] = [MOST_RETRIED + 5, 3];
  for (let count = 0; count < bad; count++) {
    await scene.emit('scan.failed');
    await scene.emit('scan.finished');
  }
  const ids = await eventIds();
  // So long pauses that nothing is tried again by itself.
  scene.run(0, 600_000);
  await eventually('all were sent', () => target.calls.size === 2 * bad);
  await scene.settled();
  const ofBad = ids.filter((_, index) => index % 2 === 0);
  const state = await scene.stateOf(one.id);
  expect(state.retried).toEqual(ofBad.slice(1 + bad - MOST_RETRIED));
  expect(state.dropped).toBe(1 + bad - MOST_RETRIED);
  expect(lines()).toHaveLength(state.dropped);
  expect(lines()[0]).toContain('it answered 422; the event was refused while later ones were taken');
  // Those that are given up are tried a last time, and stay on the board.
  expect(ofBad.map((id) => target.calls.get(id))).toEqual(
    ofBad.map((_, index) => (index < state.dropped ? 2 : 1)),
  );
  const failed = await eventually('all of them are there', async () => {
    const jobs = await scene.queue.getFailed();
    return jobs.length === state.dropped && jobs;
  });
  expect(failed.map(({ data }) => data.event).sort()).toEqual(ofBad.slice(0, state.dropped));
  await failed[0]?.retry();
  await eventually('somebody had one tried again', () => Math.max(...target.calls.values()) === 3);
  await eventually(
    'it is given up at once',
    async () => (await scene.queue.getFailedCount()) === failed.length,
  );
  expect((await scene.stateOf(one.id)).dropped).toBe(state.dropped);
  refused = 204;
  for (let count = 0; count < more; count++) await scene.emit('scan.failed');
  await eventually('it is called for new ones', () => target.calls.size === 2 * bad + more);
});

it('events that waited for a day behind others are sent once, and counted one by one', async () => {
  const target = await receiver(() => 500);
  const one = webhook(target.url);
  await scene.put([one]);
  for (let count = 0; count < MOST_RETRIED + 10; count++) await scene.emit('scan.planned');
  scene.run(DAY_MS);
  await scene.settled();
  expect(await scene.stateOf(one.id)).toMatchObject({ retried: [], dropped: MOST_RETRIED + 10 });
  expect(lines()).toHaveLength(MOST_RETRIED + 10);
  expect([...target.calls.values()]).toEqual(Array(MOST_RETRIED + 10).fill(1));
});

it('jobs that somebody has deleted do not keep a webhook waiting', async () => {
  let isAway = true;
  const target = await receiver(() => (isAway ? 503 : undefined));
  const one = webhook(target.url);
  await scene.put([one]);
  for (let count = 0; count < MOST_RETRIED + 2; count++) await scene.emit('scan.planned');
  scene.run(0, 600_000);
  await eventually('it waits', async () => (await scene.queue.getDelayedCount()) === MOST_RETRIED);
  isAway = false;
  for (const job of await scene.queue.getDelayed()) await job.remove();
  await eventually(
    'all are taken',
    async () => (await scene.stateOf(one.id)).success?.event === (await eventIds()).at(-1),
  );
  await scene.settled();
});

it('a list that is put again keeps what is tried again; types that nobody wants any more are let go', async () => {
  const target = await receiver(() => 500);
  const one = webhook(target.url);
  await scene.put([one]);
  await scene.emit('scan.planned');
  await scene.emit('scan.failed');
  scene.run();
  await eventually('both are tried again', async () => (await scene.stateOf(one.id)).retried.length === 2);
  const [, failed = ''] = await eventIds();
  await scene.put([{ ...one, events: ['scan.failed'] }]);
  await eventually('one is left', async () => {
    const { retried } = await scene.stateOf(one.id);
    return retried.length === 1 && retried[0] === failed;
  });
  await scene.put([]);
  await eventually('nobody is called', async () => (await scene.queue.getDelayedCount()) === 0);
  await scene.settled();
  expect(await scene.redis.exists(projectKeys(scene.project).webhookStates)).toBe(0);
});

it('the calls of one webhook wait for each other, also when many are tried again', async () => {
  let [running, most] = [0, 0];
  const target = await scene.receiver((res) => {
    running += 1;
    most = Math.max(most, running);
    setTimeout(() => {
      running -= 1;
      res.writeHead(500).end();
    }, 20);
  });
  await scene.put([webhook(target.url)]);
  for (let count = 0; count < 6; count++) await scene.emit('scan.planned');
  scene.run();
  await eventually('all are tried again', () => target.calls.length > 24);
  expect(most).toBe(1);
});
