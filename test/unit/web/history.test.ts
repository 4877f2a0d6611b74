import { expect, it } from 'vitest';
import { curvesOf, type Sample, withSample } from '../../../web/pages/scan/history.ts';

const START_S = Date.parse('2026-11-02T09:30:00.000Z') / 1_000;

/** Only what a curve is made of. */
function scan(done: number, remaining = 1_000 - done, finishedAtS?: number) {
  const finished_at = finishedAtS === undefined ? null : new Date(1_000 * finishedAtS).toISOString();
  const times = { first_sent_at: new Date(1_000 * START_S).toISOString(), finished_at };
  return { times, progress: { total: 1_000, done, remaining } } as Parameters<typeof withSample>[1];
}

const after = (seconds: number, done: number, remaining = 1_000 - done): Sample => {
  return { at: START_S + seconds, done, remaining };
};
const noted = (...samples: Sample[]) => ({
  at: samples.map(({ at }) => at),
  done: samples.map(({ done }) => done),
  remaining: samples.map(({ remaining }) => remaining),
});

it('a curve begins when the first task was sent, also when nobody looked then', () => {
  expect(curvesOf(scan(600), undefined, [after(60, 600)])).toEqual({
    times: [START_S, START_S + 60],
    remaining: [1_000, 400],
    perMinute: [null, 600],
  });
});

it('what the server noted comes before what was seen, and what both have counts once', () => {
  const past = noted(after(10, 100), after(20, 150), after(30, 150));
  const curves = curvesOf(scan(400), past, [after(25, 999), after(40, 300), after(41, 400)]);
  expect(curves).toEqual({
    times: [0, 10, 20, 30, 40, 41].map((seconds) => START_S + seconds),
    remaining: [1_000, 900, 850, 850, 700, 600],
    perMinute: [null, 600, 300, 0, 900, (250 / 11) * 60],
  });
});

it('a rate is over at least ten seconds, as tasks end in bursts', () => {
  const { perMinute } = curvesOf(scan(120), undefined, [after(20, 0), after(21, 100), after(31, 120)]);
  // 20 in the 10 s since 21 s, not 120 in the 11 s before.
  expect(perMinute.at(-1)).toBe(120);
});

it('what is taken back has not ended: it is no rate', () => {
  const { perMinute, remaining } = curvesOf(scan(100), noted(after(10, 100)), [after(20, 100, 0)]);
  expect([remaining.at(-1), perMinute.at(-1)]).toEqual([0, 0]);
});

it('two looks within half a second are one sample', () => {
  const first = withSample([], scan(500), 1_000 * (START_S + 10));
  expect(withSample(first, scan(501), 1_000 * (START_S + 10.3))).toBe(first);
});

it('a curve of a finished scan ends with it, however long somebody looks at it', () => {
  const over = scan(1_000, 0, START_S + 30);
  const seen = withSample(withSample([], over, 1_000 * (START_S + 90)), over, 1_000 * (START_S + 95));
  expect(seen).toEqual([after(30, 1_000)]);
});

it('there is no curve before the first task was sent', () => {
  const { progress } = scan(0);
  const waiting = { progress, times: { ...scan(0).times, first_sent_at: null } };
  expect(withSample([], waiting, 1_000 * START_S)).toEqual([]);
  expect(curvesOf(waiting, undefined, []).times).toEqual([]);
});

it('a long curve keeps its shape and its ends, with every second sample', () => {
  let seen: readonly Sample[] = [];
  const look = (second: number) => {
    seen = withSample(seen, scan(Math.min(1_000, second)), 1_000 * (START_S + second));
  };
  for (let second = 1; second <= 2_001; second += 1) look(second);
  expect([seen.length, seen[0], seen.at(-1)]).toEqual([1_001, after(1, 1), after(2_001, 1_000)]);
  for (let second = 2_002; second <= 3_001; second += 1) look(second);
  const { times, remaining, perMinute } = curvesOf(scan(1_000), undefined, seen);
  expect(times.length).toBeLessThanOrEqual(2_001);
  expect([remaining.length, perMinute.length]).toEqual([times.length, times.length]);
  expect([times[0], times.at(-1)]).toEqual([START_S, START_S + 3_001]);
});
