import { describe, expect, it } from 'vitest';
import { count, counted, percent, rate, shortCount } from '../../../web/format/numbers.ts';
import { ago, duration, moment } from '../../../web/format/time.ts';

describe('numbers', () => {
  it('are grouped, also those that come as texts because they are beyond 2^53', () => {
    expect(count(65_534)).toBe('65,534');
    expect(count('340282366920938463463374607431768211456')).toBe(
      '340,282,366,920,938,463,463,374,607,431,768,211,456',
    );
  });

  it('say one of a thing and many of it', () => {
    expect([counted(1, 'target'), counted(0, 'target'), counted(2_000, 'entry', 'entries')]).toEqual([
      '1 target',
      '0 targets',
      '2,000 entries',
    ]);
  });

  it('are short where there is little room', () => {
    expect([shortCount(9_999), shortCount(65_534), shortCount(1_200_000)]).toEqual([
      '9,999',
      '65.5K',
      '1.2M',
    ]);
  });

  it('never say 100 % before all is done, nor 0 % when something is', () => {
    expect(percent(1_999, 2_000)).toBe('99 %');
    expect(percent(1, 2_000)).toBe('0.1 %');
    expect(percent(0, 0)).toBe('0 %');
    expect(percent(2_000, 2_000)).toBe('100 %');
  });

  it('tell rates by the second, or by the minute where that is more to the point', () => {
    expect([rate(0), rate(0.02), rate(2.6), rate(120.4)]).toEqual([
      '0 / min',
      '1.2 / min',
      '156 / min',
      '120 / s',
    ]);
  });
});

describe('times', () => {
  it('are told in their two largest units', () => {
    expect([0, 480, 4_000, 60_000, 397_000, 11_520_000, 90_000_000].map(duration)).toEqual([
      '0 s',
      '480 ms',
      '4 s',
      '1 min',
      '6 min 37 s',
      '3 h 12 min',
      '1 d 1 h',
    ]);
  });

  it('are told from now, and what was a moment ago is no number', () => {
    expect([ago(1_000, 3_000), ago(0, 65_000)]).toEqual(['just now', '1 min 5 s ago']);
  });

  it('have the day first and 24 hours', () => {
    const local = new Date(2026, 10, 2, 15, 4, 9);
    expect(moment(local.toISOString())).toBe('2026-11-02 15:04:09');
  });
});
