import { describe, expect, it } from 'vitest';
import type { SubmissionRecord } from '../../../src/adapters/submissions/submissionView.ts';
import { type JobStates, stageStates } from '../../../src/queries/stages/stageStates.ts';
import { withTimes } from '../../../src/queries/stages/stageTimes.ts';
import { estimateOf } from '../../../src/queries/submissionDetails.ts';
import { PLANNED } from '../../support/testServer.ts';

const GONE: JobStates = {
  ...{ expand: 'unknown', dedup: 'unknown', split: 'unknown', submission: 'unknown', publishing: false },
};
const WAITING: JobStates = {
  ...GONE,
  expand: 'waiting',
  dedup: 'waiting-children',
  submission: 'waiting-children',
};

function record(progress: object, more: Partial<SubmissionRecord> = {}): SubmissionRecord {
  return {
    progress: { ...PLANNED, state: 'planning', total: 0, sent: 0, ...progress },
    options: {} as SubmissionRecord['options'],
    exclude: [],
    takenOut: [],
    refusedRows: [],
    plan: undefined,
    plannedAt: undefined,
    firstSentAt: undefined,
    endedAt: undefined,
    reserved: false,
    chunks: { done: 0, total: 0 },
    failed: [],
    ...more,
  };
}

const told = (given: SubmissionRecord, jobs: JobStates) =>
  stageStates(given, jobs)
    .map(({ state }) => state)
    .join(' ');

const PLANNED_AT = { plannedAt: '2026-11-02T09:30:01.000Z', reserved: true };

describe('the stages', () => {
  it.each([
    ['nothing has begun', record({}), GONE, 'waiting waiting waiting waiting waiting waiting'],
    [
      'expand runs',
      record({}),
      { ...WAITING, expand: 'active' },
      'active waiting waiting waiting waiting waiting',
    ],
    [
      'names are looked up',
      record({}, { chunks: { done: 1, total: 3 } }),
      { ...WAITING, expand: 'completed' },
      'done active waiting waiting waiting waiting',
    ],
    [
      'expand is done, and BullMQ has dropped its job',
      record({}, { chunks: { done: 0, total: 3 } }),
      { ...WAITING, expand: 'unknown' },
      'done active waiting waiting waiting waiting',
    ],
    [
      'dedup gave up',
      record({ state: 'failed' }, { failed: ['dedup'] }),
      { ...WAITING, expand: 'completed', dedup: 'failed' },
      'done done failed waiting waiting waiting',
    ],
    [
      'a plan is run',
      record({}, { plan: 'p', chunks: { done: 2, total: 2 } }),
      { ...WAITING, expand: 'unknown', dedup: 'active' },
      'done done active waiting waiting waiting',
    ],
    [
      'it is being sent',
      record({ state: 'dispatching', total: 500, sent: 250 }, PLANNED_AT),
      { ...GONE, submission: 'waiting-children' },
      'done done done done active waiting',
    ],
    [
      'all is sent, and no job is left',
      record({ state: 'done', total: 500, sent: 500 }, PLANNED_AT),
      GONE,
      'done done done done done done',
    ],
    [
      'it was done before times were kept',
      record({ state: 'done', total: 5, sent: 5 }, { reserved: true }),
      GONE,
      'done done done done done done',
    ],
    [
      'it was stopped while planning',
      record({ state: 'stopped' }),
      GONE,
      'stopped stopped stopped stopped stopped stopped',
    ],
    [
      'it was stopped while sending',
      record({ state: 'stopped', total: 500, sent: 250 }, PLANNED_AT),
      GONE,
      'done done done done stopped stopped',
    ],
  ])('when %s', (_when, given, jobs, expected) => {
    expect(told(given, jobs)).toBe(expected);
  });

  it('count chunks and targets', () => {
    const stages = stageStates(record({ total: 500, sent: 250 }, { chunks: { done: 1, total: 3 } }), WAITING);
    expect(stages[1]).toMatchObject({ stage: 'resolve', done: 1, total: 3 });
    expect(stages[4]).toMatchObject({ stage: 'publish', done: 250, total: 500 });
  });
});

describe('the estimate', () => {
  const counts = {
    total: 100,
    sent: 50,
    done: 20,
    dropped: 0,
    stopped: 0,
    remaining: 80,
    failed: 0,
    resent: 0,
  };
  const firstSentAt = '2026-11-02T09:30:00.000Z';
  const now = Date.parse(firstSentAt) + 40_000;

  it('is the rate since the first batch', () => {
    expect(estimateOf(counts, { firstSentAt }, now)).toEqual({
      rate_per_s: 0.5,
      ends_at: '2026-11-02T09:33:20.000Z',
    });
  });

  it('is missing while there is nothing to go by, and when nothing remains', () => {
    expect(estimateOf({ ...counts, done: 4 }, { firstSentAt }, now)).toBeNull();
    expect(estimateOf(counts, { firstSentAt }, now - 30_001)).toBeNull();
    expect(estimateOf(counts, { firstSentAt: undefined }, now)).toBeNull();
    expect(estimateOf({ ...counts, remaining: 0 }, { firstSentAt }, now)).toBeNull();
  });

  it('is a date, however slow it goes', () => {
    const slow = estimateOf({ ...counts, remaining: 2 ** 52 }, { firstSentAt }, now);
    expect(Number.isNaN(Date.parse(slow?.ends_at ?? ''))).toBe(false);
  });
});

describe('the times of stages', () => {
  const jobs = new Map([
    ['expand', { began: 1_000, ended: 2_000 }],
    ['dedup', { began: 5_000, ended: 6_000 }],
  ] as const);
  const timesOf = (given: SubmissionRecord) => {
    const stages = withTimes(stageStates(given, WAITING), given, jobs);
    return Object.fromEntries(stages.map(({ stage, began_at, ended_at }) => [stage, [began_at, ended_at]]));
  };
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();

  it('are those of its jobs; names are looked up in between, and a stage that goes on has no end', () => {
    const sent = { firstSentAt: at(8), endedAt: at(9) };
    const given = record({ state: 'done', total: 5, sent: 5 }, { ...sent, chunks: { done: 2, total: 2 } });
    expect(timesOf(given)).toEqual({
      expand: [at(1), at(2)],
      resolve: [at(2), at(5)],
      dedup: [at(5), at(6)],
      split: [null, null],
      publish: [at(8), at(9)],
      submission: [null, null],
    });
    const sending = record(
      { state: 'dispatching', total: 5, sent: 2 },
      { ...PLANNED_AT, firstSentAt: at(8) },
    );
    expect(timesOf(sending)).toMatchObject({ resolve: [null, null], publish: [at(8), null] });
  });
});
