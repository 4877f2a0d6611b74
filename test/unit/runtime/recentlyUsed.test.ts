import { expect, it } from 'vitest';
import { RecentlyMade } from '../../../src/runtime/recentlyMade.ts';
import { RecentlyUsed } from '../../../src/runtime/recentlyUsed.ts';

it('forgets what was not asked for for longest when all together are too heavy', () => {
  const kept = new RecentlyUsed<string>(10, 100);
  kept.set('a', 'A', 40);
  kept.set('b', 'B', 40);
  expect(kept.get('a')).toBe('A');
  kept.set('c', 'C', 40);
  expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual(['A', undefined, 'C']);
});

it('keeps the newest alone, whatever it weighs, and weighs anew what is replaced', () => {
  const kept = new RecentlyUsed<string>(10, 100);
  kept.set('a', 'A', 10);
  kept.set('b', 'B', 1_000);
  expect([kept.get('a'), kept.get('b')]).toEqual([undefined, 'B']);
  kept.set('b', 'b', 10);
  kept.set('c', 'C', 90);
  expect([kept.get('b'), kept.get('c')]).toEqual(['b', 'C']);
});

it('weighs what is made when it is there', async () => {
  const kept = new RecentlyMade<number>(10, { heaviest: 100, weightOf: (value) => value });
  for (const weight of [60, 30, 50]) await kept.get(String(weight), async () => weight);
  expect(['60', '30', '50'].map((key) => kept.known(key) !== undefined)).toEqual([false, true, true]);
});
