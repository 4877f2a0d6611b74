import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { SettingsStore } from '../../../src/adapters/dispatch/settingsStore.ts';
import {
  BAND,
  NUMBERS_PER_SECOND,
  priorityOf,
  TurnStore,
  tagOf,
} from '../../../src/adapters/dispatch/turnStore.ts';
import { submissionKeys } from '../../../src/adapters/redis/keys.ts';
import { ownRedisDb, services } from '../../support/services.ts';

let redis: Redis;
let turns: TurnStore;
let settings: SettingsStore;

beforeAll(async () => {
  redis = new Redis({ ...services().redis, db: await ownRedisDb() });
  turns = new TurnStore(redis);
  settings = new SettingsStore(redis);
});
beforeEach(() => redis.flushdb());
afterAll(() => redis.disconnect());

interface Sender {
  project: string;
  weight: number;
  /** Of each of its parts. */
  seconds: number;
  priority?: number;
}

/** Jobs that wait, as BullMQ orders them: by their numbers, and those with the same one in the order in which they came. */
class Waiting {
  readonly #jobs: { sender: Sender; number: number; lane: number }[] = [];
  /** By project, what was sent and is not followed yet. */
  readonly #sent = new Map<string, { number: number; lane: number }[]>();
  #lanes = 0;

  async add(sender: Sender): Promise<void> {
    const { project, seconds, priority = 3 } = sender;
    await redis.hset(submissionKeys(`scan of ${project}`).facts, 'priority', priority);
    const before = this.#sent.get(project)?.shift();
    const lane = before?.lane ?? ++this.#lanes;
    const sent = before && { number: before.number, tasks: seconds };
    const { number } = await turns.take(
      { id: `scan of ${project}`, project },
      { lane, tasks: seconds, sent },
    );
    this.#jobs.push({ sender, number, lane });
  }

  /** Sends the next part, and gives whose it was. */
  async next(): Promise<Sender> {
    const first = this.#jobs.reduce((a, b) => (b.number < a.number ? b : a));
    this.#jobs.splice(this.#jobs.indexOf(first), 1);
    const { project } = first.sender;
    this.#sent.set(project, [...(this.#sent.get(project) ?? []), first]);
    return first.sender;
  }
}

/** What each project got, in seconds, out of so many parts; each always has another part when one is sent. */
async function sent(waiting: Waiting, parts: number): Promise<Map<string, number>> {
  const seconds = new Map<string, number>();
  for (let part = 0; part < parts; part++) {
    const sender = await waiting.next();
    seconds.set(sender.project, (seconds.get(sender.project) ?? 0) + sender.seconds);
    await waiting.add(sender);
  }
  return seconds;
}

async function begin(senders: readonly Sender[], jobsOfEach = 1): Promise<Waiting> {
  const waiting = new Waiting();
  for (const sender of senders) {
    await settings.write(sender.project, { weight: sender.weight });
    for (let job = 0; job < jobsOfEach; job++) await waiting.add(sender);
  }
  return waiting;
}

const senders = fc.uniqueArray(
  fc.record({
    project: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    weight: fc.constantFrom(0.5, 1, 2, 4),
    seconds: fc.constantFrom(1, 5, 20, 100),
  }),
  { minLength: 2, maxLength: 5, selector: ({ project }) => project },
);

it('projects that always have something to send get shares like their weights, and none starves', async () => {
  await fc.assert(
    fc.asyncProperty(senders, fc.integer({ min: 1, max: 4 }), async (all, jobsOfEach) => {
      await redis.flushdb();
      const waiting = await begin(all, jobsOfEach);
      const seconds = await sent(waiting, 200);
      // By the theory of start-time fair queueing two projects differ by one part of each at most; numbers are whole seconds.
      const perWeight = all.map(({ project, weight }) => (seconds.get(project) ?? 0) / weight);
      const most = Math.max(...all.map(({ seconds: cost, weight }) => cost / weight + 1));
      expect(Math.max(...perWeight) - Math.min(...perWeight)).toBeLessThanOrEqual(2 * jobsOfEach * most);
    }),
    { numRuns: 12 },
  );
}, 60_000);

it('a project that had nothing to send has no credit, and is next when it comes', async () => {
  const old = { project: 'old', weight: 1, seconds: 10 };
  const late = { project: 'late', weight: 1, seconds: 10 };
  const waiting = await begin([old]);
  await sent(waiting, 50);
  await waiting.add(late);
  const first = [await waiting.next(), await waiting.next()].map(({ project }) => project);
  expect(first).toContain('late');
  await waiting.add(old);
  await waiting.add(late);
  const seconds = await sent(waiting, 20);
  expect(seconds.get('late')).toBe(100);
});

it('a lower priority number goes first, whatever others have waited for', async () => {
  const usual = { project: 'usual', weight: 1, seconds: 1 };
  const waiting = await begin([usual]);
  await sent(waiting, 30);
  await waiting.add({ project: 'urgent', weight: 1, seconds: 250, priority: 2 });
  expect((await waiting.next()).project).toBe('urgent');
  await waiting.add({ project: 'later', weight: 1, seconds: 1, priority: 4 });
  await waiting.add(usual);
  expect((await waiting.next()).project).toBe('usual');
});

const USUAL = { id: 'scan of usual', project: 'usual' };

it('numbers do not run out: moved back, those that wait and those that come keep their order', async () => {
  const usual = { project: 'usual', weight: 1, seconds: 6_000 };
  await begin([usual]);
  const numbers: number[] = [];
  for (let part = 0; part < 4; part++)
    numbers.push((await turns.take(USUAL, { lane: part, tasks: 6_000 })).number);
  expect((await turns.take(USUAL, { lane: 5, tasks: 1 })).far).toBe(true);
  await turns.end(USUAL, { lane: 1, sent: { number: numbers[1] ?? 0, tasks: 6_000 } });
  const by = await turns.moveBack(3);
  expect(by).toBe(tagOf(numbers[1] ?? 0));
  const after = await turns.take(USUAL, { lane: 6, tasks: 1 });
  expect(after.far).toBe(false);
  expect(after.number).toBeGreaterThan((numbers[3] ?? 0) - by);
  expect(await turns.moveBack(3)).toBe(0);
});

it('a number stays within its priority, however far ahead it is', async () => {
  await begin([{ project: 'a', weight: 0.01, seconds: 1 }]);
  await turns.take({ id: 'scan of a', project: 'a' }, { lane: 0, tasks: 10 * BAND });
  const { number } = await turns.take({ id: 'scan of a', project: 'a' }, { lane: 1, tasks: 1 });
  expect(priorityOf(number)).toBe(3);
  expect(number).toBe(3 * BAND);
});

it('a part is charged what it was in the end, and not twice when it gets a new place in line', async () => {
  const one = { id: 'scan of one', project: 'one' };
  const { number } = await turns.take(one, { lane: 0, tasks: 100 });
  // Of the 100 that were expected 10 were sent.
  const next = await turns.take(one, { lane: 0, tasks: 5, sent: { number, tasks: 10 } });
  expect(tagOf(next.number)).toBe(10 * NUMBERS_PER_SECOND);
  const again = await turns.take(one, { lane: 0, tasks: 5 });
  expect(tagOf(again.number)).toBe(10 * NUMBERS_PER_SECOND);
});

it('scans of one project share its time, whatever their tasks take', async () => {
  const project = 'p';
  await redis.sadd('tasker:project:p:open', 'long', 'short');
  await redis.hset(submissionKeys('long').facts, 'task_seconds', 100);
  await redis.hset(submissionKeys('short').facts, 'task_seconds', 2);
  const seconds = { long: 0, short: 0 };
  const waiting = new Map<'long' | 'short', number>();
  for (const id of ['long', 'short'] as const)
    waiting.set(id, (await turns.take({ id, project }, { lane: 0, tasks: 1 })).number);
  for (let part = 0; part < 300; part++) {
    const [[id, number] = ['long', 0] as const] = [...waiting].sort(([, a], [, b]) => a - b);
    seconds[id] += id === 'long' ? 100 : 2;
    const sent = { number, tasks: 1 };
    waiting.set(id, (await turns.take({ id, project }, { lane: 0, tasks: 1, sent })).number);
  }
  expect(Math.abs(seconds.long - seconds.short)).toBeLessThanOrEqual(202);
});

it('a part that gets another priority is not charged in the old one any more', async () => {
  const one = { id: 'scan of one', project: 'one' };
  await turns.take(one, { lane: 0, tasks: 100 });
  await redis.hset(submissionKeys(one.id).facts, 'priority', 2);
  expect(priorityOf((await turns.take(one, { lane: 0, tasks: 100 })).number)).toBe(2);
  await redis.hset(submissionKeys('other').facts, 'priority', 3);
  const other = await turns.take({ id: 'other', project: 'one' }, { lane: 0, tasks: 1 });
  expect(tagOf(other.number)).toBe(0);
});
