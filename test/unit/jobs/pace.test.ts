import { expect, it } from 'vitest';
import { Pace } from '../../../src/jobs/publish/pace.ts';

it('without a look, or with one only, nothing is known of the pace', () => {
  const pace = new Pace();
  expect(pace.perSecond()).toBe(0);
  pace.note(100, 0);
  expect(pace.perSecond()).toBe(0);
});

it('the pace is that of the last seconds, or of the last half minute where that is higher', () => {
  const pace = new Pace();
  for (let second = 0; second <= 20; second++) pace.note(second * 10, second * 1_000);
  expect(pace.perSecond()).toBeCloseTo(10);
  // The workers are faster by now: that counts at once.
  for (let second = 21; second <= 24; second++) pace.note(200 + (second - 20) * 50, second * 1_000);
  expect(pace.perSecond()).toBeCloseTo(50);
  // They stand still: for a while what they did before still counts.
  for (let second = 25; second <= 28; second++) pace.note(400, second * 1_000);
  expect(pace.perSecond()).toBeCloseTo(400 / 28);
  for (let second = 29; second <= 60; second++) pace.note(400, second * 1_000);
  expect(pace.perSecond()).toBe(0);
});

it('what was taken out of the queue makes no negative pace', () => {
  const pace = new Pace();
  pace.note(100, 0);
  pace.note(40, 1_000);
  expect(pace.perSecond()).toBe(0);
});

it('looks that are close together are one', () => {
  const pace = new Pace();
  for (let ms = 0; ms <= 3_000; ms += 10) pace.note(ms, ms);
  expect(pace.perSecond()).toBeCloseTo(1_000);
});
