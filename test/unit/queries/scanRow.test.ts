/** The numbers of a scan in a list, worked out from numbers that are kept. */
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../src/adapters/submissions/facts.ts';
import { noRefusals } from '../../../src/adapters/submissions/progress.ts';
import type { ScanNumbers } from '../../../src/adapters/submissions/scanNumbers.ts';
import type { Progress } from '../../../src/model/submission.ts';
import { firstEntries, scanRow } from '../../../src/queries/overview/scanRow.ts';

const BEGAN = '2026-11-02T09:30:00.000Z';
const nowMs = Date.parse(BEGAN) + 20_000;

const PROGRESS: Progress = {
  ...{ id: 'abc-1', kind: 'scan', project: 'p', user: { id: 'u', username: 'ann' }, state: 'dispatching' },
  ...{ priority: 3, createdAt: BEGAN, finishedAt: null, total: 100, sent: 50, failed: 0, paused: null },
  summary: {
    ...{ provided: 2, duplicates_removed: 0, resolved_ips: 100, hostnames_collapsed_to_ip: 0 },
    ...{ refused: { ...noRefusals(), forbidden: 3, private_ip: 4 }, sent_to_scan: 100 },
  },
};

/** 100 tasks, of which 50 are tracked and 10 out. @param facts fields of the hash */
function numbers(facts: Record<string, string> = {}, more: Partial<ScanNumbers> = {}): ScanNumbers {
  return {
    facts: factsOf('abc-1', { total: '100', ...facts }),
    ...{ expected: 120, tracked: 50, out: 10, takenBack: 0, entries: '11.0.0.0/25' },
    ...more,
  };
}

const row = (given: ScanNumbers, running = 0, progress: Partial<Progress> = {}) =>
  scanRow({ ...PROGRESS, ...progress }, given, running, nowMs);
const countsOf = (...given: Parameters<typeof row>) => row(...given).counts;

describe('the counts', () => {
  it('are parts of the total, without what was refused', () => {
    expect(countsOf(numbers(), 4)).toEqual({
      ...{ total: 100, waiting: 50, ready: 6, running: 4, done: 40, dropped: 0, stopped: 0, failed: 0 },
      refused: 7,
    });
  });

  it('of one that is being planned are what intake expects', () => {
    const planning = numbers({}, { facts: factsOf('abc-1', {}), tracked: 0, out: 0 });
    expect(countsOf(planning)).toMatchObject({ total: 120, waiting: 120 });
  });

  it('never say that more run than are out: a worker may list what has ended', () => {
    expect(countsOf(numbers(), 25)).toMatchObject({ total: 100, ready: 0, running: 10 });
  });

  it('tell what came back, was left out or has failed from what is done', () => {
    const given = numbers({ again: '5', dropped: '6', failed: '7' });
    expect(countsOf(given)).toMatchObject({ total: 100, waiting: 55, dropped: 6, failed: 7, done: 22 });
  });

  it('of a stopped one have nothing that waits: it was not sent, or taken back', () => {
    const given = numbers({ again: '5' }, { takenBack: 8, out: 0 });
    expect(countsOf(given, 0, { state: 'stopped' })).toMatchObject({
      ...{ total: 100, waiting: 0, stopped: 63, done: 37 },
    });
  });

  it('are never below zero: they are not of one moment', () => {
    expect(countsOf(numbers({}, { tracked: 104, out: 110 }))).toMatchObject({ waiting: 0, done: 0 });
  });
});

it('the end is told when enough was done to tell it', () => {
  const sent = { first_sent_at: BEGAN };
  expect(row(numbers(sent))).toMatchObject({ rate_per_s: 2, ends_at: '2026-11-02T09:30:50.000Z' });
  expect(row(numbers(sent, { out: 46 }))).toMatchObject({ rate_per_s: null, ends_at: null });
  expect(row(numbers())).toMatchObject({ rate_per_s: null, ends_at: null });
});

it('a failure names its stage, and whether the scope rules are the reason', () => {
  const failure = { stage: 'dedup', reason: 'names do not resolve', byScope: true } as const;
  expect(row(numbers(), 0, { state: 'failed', failure })).toMatchObject({
    failure: { stage: 'dedup', reason: 'names do not resolve', by_scope: true },
  });
  expect(row(numbers())).not.toHaveProperty('failure');
});

it('the first entries are as typed, and long ones are cut', () => {
  const lines = ['a.test', 'b.test\t', 'c.test\t7:1:1', 'x'.repeat(81), 'y'.repeat(80), 'f.test'].join('\n');
  expect(firstEntries(lines)).toEqual([
    ...['a.test', 'b.test', 'c.test', `${'x'.repeat(80)}…`, 'y'.repeat(80)],
  ]);
  expect(firstEntries(lines, 1, 3)).toEqual(['a.t…']);
  expect(firstEntries('')).toEqual([]);
});
