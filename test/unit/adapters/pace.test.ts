import { expect, it } from 'vitest';
import { Pace } from '../../../src/adapters/dns/pace.ts';

const SHORT = new Pace().holdMs;

function answers(pace: Pace, count: number, late: number): void {
  for (let i = 0; i < count; i++) pace.answered(i % 100 < late);
}

it('few late answers change nothing: single queries are lost everywhere', () => {
  const pace = new Pace();
  answers(pace, 1_000, 9);
  expect(pace.holdMs).toBe(SHORT);
});

it('many late answers slow it down for a minute from the last of them', () => {
  let nowMs = 0;
  const pace = new Pace(() => nowMs);
  answers(pace, 99, 50);
  expect(pace.holdMs).toBe(SHORT);
  pace.answered(false);
  expect(pace.holdMs).toBeGreaterThan(2 * SHORT);
  nowMs = 50_000;
  answers(pace, 100, 10);
  nowMs = 109_000;
  expect(pace.holdMs).toBeGreaterThan(2 * SHORT);
  answers(pace, 100, 0);
  nowMs = 110_000;
  expect(pace.holdMs).toBe(SHORT);
});
