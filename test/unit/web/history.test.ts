import { expect, it } from 'vitest';
import { noteProgress } from '../../../web/pages/scan/history.ts';

const START = Date.parse('2026-11-02T09:30:00.000Z');

/** Only what a curve is made of. */
function scan(id: string, remaining: number, finishedAt: string | null = null) {
  const times = { first_sent_at: new Date(START).toISOString(), finished_at: finishedAt };
  return { id, times, progress: { total: 1_000, remaining } } as Parameters<typeof noteProgress>[0];
}

it('a curve begins when the first task was sent, also when nobody looked then', () => {
  const history = noteProgress(scan('late', 400), START + 60_000);
  expect(history).toEqual({
    times: [START / 1_000, START / 1_000 + 60],
    remaining: [1_000, 400],
    perMinute: [null, 600],
  });
});

it('a rate is over at least ten seconds, as tasks end in bursts', () => {
  noteProgress(scan('bursts', 1_000), START + 20_000);
  noteProgress(scan('bursts', 900), START + 21_000);
  const { perMinute } = noteProgress(scan('bursts', 880), START + 31_000);
  // 20 in the 10 s since 21 s, not 120 in the 11 s before.
  expect(perMinute.at(-1)).toBe(120);
});

it('two looks within half a second are one sample', () => {
  noteProgress(scan('twice', 500), START + 10_000);
  expect(noteProgress(scan('twice', 499), START + 10_300).remaining).toEqual([1_000, 500]);
});

it('a curve of a finished scan ends with it, however long somebody looks at it', () => {
  const end = new Date(START + 30_000).toISOString();
  noteProgress(scan('over', 0, end), START + 90_000);
  expect(noteProgress(scan('over', 0, end), START + 95_000).times.at(-1)).toBe(START / 1_000 + 30);
});

it('a long curve keeps its shape and its ends, with every second sample', () => {
  for (let second = 1; second <= 3_000; second += 1)
    noteProgress(scan('long', 3_000 - second), START + second * 1_000);
  const { times, remaining, perMinute } = noteProgress(scan('long', 0), START + 3_001_000);
  expect(times.length).toBeLessThanOrEqual(2_001);
  expect([remaining.length, perMinute.length]).toEqual([times.length, times.length]);
  expect([times[0], times.at(-1)]).toEqual([START / 1_000, START / 1_000 + 3_001]);
});
