import { describe, expect, it } from 'vitest';
import { taskIds } from '../../../src/jobs/taskIds.ts';
import { type Accepted, type Ban, type Kill, newBook } from '../../../tools/chaos/book.ts';
import { duplicates, GRACE_MS, holds, lateBy, neverRun, ranTooLate } from '../../../tools/chaos/judge.ts';
import type { Happened, Record } from '../../../tools/chaos/records.ts';

const PROJECT = '6f1b9a52-6a3e-4d0b-9d57-0d9a3c1f0a11';
const SUBMISSION = '270e3df6-4c1d-444d-ad40-41a27ca48d87';
const IP = '11.0.0.1';
const OTHER_IP = '11.0.0.2';
const PORTS = '1000';
const WORKER = 17;
const NEXT_WORKER = 18;
const ANSWERED_MS = 20_000;
const LATE_MS = ANSWERED_MS + GRACE_MS + 1;

const accepted: Accepted = {
  project: PROJECT,
  ports: PORTS,
  submission: SUBMISSION,
  ips: [IP, OTHER_IP],
  askedAtMs: 1_000,
};
const bookWith = (bans: Ban[] = [], kills: Kill[] = []) => {
  return { ...newBook(), requests: [accepted], accepted: [accepted], bans, kills };
};
const banOf = (kind: Ban['kind'], more: Partial<Ban> = {}): Ban => {
  return { kind, project: PROJECT, askedAtMs: ANSWERED_MS - 100, answeredAtMs: ANSWERED_MS, ...more };
};
const record = (what: Happened, ip: string, atMs: number, pid = WORKER): Record => {
  const [task = ''] = taskIds(SUBMISSION, [{ ip, ports: PORTS }]);
  return { atMs, what, task, ip, project: PROJECT, ports: PORTS, pid };
};
const killOf = (kind: Kill['kind'], more: Partial<Kill> = {}): Kill => {
  return { kind, name: kind, pid: 0, atMs: 0, backAtMs: 0, ...more };
};

describe('accepted targets never run', () => {
  const one = [record('begun', IP, 2_000), record('scanned', IP, 2_300), record('begun', OTHER_IP, 3_000)];

  it('are those that no worker scanned to its end', () => {
    expect(neverRun(bookWith(), one).cases).toEqual([expect.stringContaining(`${OTHER_IP} of submission`)]);
    const both = [...one, record('scanned', OTHER_IP, 4_000)];
    expect(neverRun(bookWith(), both)).toMatchObject({ cases: [], of: '2 accepted, 2 had to run' });
  });

  it('a task of another submission does not count', () => {
    const foreign = { ...record('scanned', OTHER_IP, 4_000), task: 'another' };
    expect(neverRun(bookWith(), [...one, foreign]).cases).toHaveLength(1);
  });

  it.each<[string, Ban, number]>([
    ['excluded', banOf('excluded', { ips: [OTHER_IP] }), 0],
    ['another one excluded', banOf('excluded', { ips: [IP] }), 1],
    ['cancelled', banOf('cancelled', { submission: SUBMISSION }), 0],
    ['another one cancelled', banOf('cancelled', { submission: 'another' }), 1],
    ['stopped', banOf('stopped'), 0],
    ['perhaps stopped', banOf('stopped', { answeredAtMs: undefined }), 0],
    ['stopped before it came', banOf('stopped', { askedAtMs: 500 }), 1],
    ['another project stopped', banOf('stopped', { project: 'another' }), 1],
  ])('%s', (_, ban, cases) => expect(neverRun(bookWith([ban]), one).cases).toHaveLength(cases));
});

describe('what had finished before it was taken back', () => {
  const neither = (finishedAtMs: number) => {
    const book = { ...bookWith([banOf('stopped')]), accepted: [{ ...accepted, finishedAtMs }] };
    return neverRun(book, []);
  };

  it('had to run', () => {
    expect(neither(ANSWERED_MS - 101)).toMatchObject({
      cases: { length: 2 },
      of: '2 accepted, 2 had to run',
    });
    expect(neither(ANSWERED_MS + 1)).toMatchObject({ cases: [], of: '2 accepted, 0 had to run' });
  });
});

describe('runs of what was taken back', () => {
  const late = [record('begun', IP, LATE_MS)];

  it.each<[string, Ban, number]>([
    ['excluded', banOf('excluded', { ips: [IP] }), 1],
    ['another one excluded', banOf('excluded', { ips: [OTHER_IP] }), 0],
    ['excluded in another project', banOf('excluded', { ips: [IP], project: 'another' }), 0],
    ['cancelled', banOf('cancelled', { submission: SUBMISSION }), 1],
    ['another one cancelled', banOf('cancelled', { submission: 'another' }), 0],
    ['stopped', banOf('stopped'), 1],
    ['stopped before it came', banOf('stopped', { askedAtMs: 500 }), 0],
    ['never answered', banOf('stopped', { answeredAtMs: undefined }), 0],
  ])('%s', (_, ban, cases) => expect(ranTooLate(bookWith([ban]), late).cases).toHaveLength(cases));

  it('are none within the grace, nor when they began before', () => {
    const book = bookWith([banOf('stopped')]);
    expect(holds(ranTooLate(book, [record('begun', IP, ANSWERED_MS + GRACE_MS)]))).toBe(true);
    expect(holds(ranTooLate(book, [record('scanned', IP, LATE_MS)]))).toBe(true);
  });

  it('count from the answer, and where it says that it follows, from when RabbitMQ is back', () => {
    const times = { atMs: ANSWERED_MS - 1_000, backAtMs: ANSWERED_MS + 6_000 };
    const of = (kind: Kill['kind'], follows: boolean) =>
      ranTooLate(bookWith([banOf('stopped', { follows })], [killOf(kind, times)]), late).cases;
    expect(of('rabbitmq', false)).toHaveLength(1);
    expect(of('rabbitmq', true)).toEqual([]);
    expect(of('redis', true)).toHaveLength(1);
  });

  it('count on while RabbitMQ goes away after the answer, unless that said that it follows', () => {
    const away = killOf('rabbitmq', { atMs: ANSWERED_MS + 1, backAtMs: ANSWERED_MS + GRACE_MS });
    const of = (follows: boolean) =>
      ranTooLate(bookWith([banOf('stopped', { follows })], [away]), late).cases;
    expect(of(false)).toHaveLength(1);
    expect(of(true)).toEqual([]);
  });
});

it('how late it is where it follows: the time in which RabbitMQ was there', () => {
  const outages = [
    killOf('rabbitmq', { atMs: 90, backAtMs: undefined }),
    killOf('rabbitmq', { atMs: 10, backAtMs: 50 }),
  ];
  expect(lateBy(0, 100, outages)).toBe(50);
  expect(lateBy(20, 70, outages)).toBe(20);
  expect(lateBy(62, 80, outages)).toBe(18);
  expect(lateBy(95, 99, outages)).toBe(0);
});

describe('duplicates', () => {
  const first = [record('scanned', IP, 2_000), record('acknowledged', IP, 2_001)];
  const again = record('scanned', IP, 3_000, NEXT_WORKER);
  const killed = killOf('workers', { pid: WORKER });

  it('are tasks that were scanned to their end twice, also by a worker that was killed later', () => {
    expect(duplicates(bookWith(), [...first, again], 4).cases).toHaveLength(1);
    expect(duplicates(bookWith([], [killed]), [...first, again], 4).cases).toHaveLength(1);
    expect(duplicates(bookWith(), [...first, record('scanned', OTHER_IP, 3_000)], 4).cases).toEqual([]);
  });

  it('are none when the worker was killed before it could say that it is through', () => {
    const [unsaid] = first;
    expect(duplicates(bookWith([], [killed]), unsaid ? [unsaid, again] : [], 4).cases).toEqual([]);
  });

  it('may be as many as one part for each kill', () => {
    const three = [...first, again, record('scanned', IP, 4_000, NEXT_WORKER)];
    expect(holds(duplicates(bookWith([], [killOf('jobs')]), three, 2))).toBe(true);
    expect(holds(duplicates(bookWith([], [killOf('jobs')]), three, 1))).toBe(false);
    expect(holds(duplicates(bookWith(), three, 2))).toBe(false);
  });
});
