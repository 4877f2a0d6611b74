import { expect, it } from 'vitest';
import { SlowStart } from '../../../src/jobs/publish/slowStart.ts';

it('lets twice as much stand ready whenever all of a window was taken, and for a while only', () => {
  const start = new SlowStart();
  expect(start.limit(0)).toBe(0);
  // Nothing was sent yet: an empty queue says nothing.
  start.note(0, 4, 0);
  expect(start.limit(0)).toBe(0);
  start.confirmed(4);
  start.note(0, 4, 100);
  expect(start.limit(100)).toBe(8);
  start.confirmed(8);
  start.note(0, 8, 200);
  expect(start.limit(200)).toBe(16);
  expect(start.limit(2_199)).toBe(16);
  expect(start.limit(2_200)).toBe(0);
});

it('does not grow while workers leave half of what stands ready', () => {
  const start = new SlowStart();
  start.confirmed(4);
  start.note(2, 4, 0);
  start.note(0, 4, 100);
  expect(start.limit(100)).toBe(0);
});
