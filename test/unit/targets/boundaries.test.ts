import { describe, expect, it } from 'vitest';
import {
  combine,
  contains,
  countUpTo,
  DIFFERENCE,
  INTERSECTION,
  merge,
  pairs,
  UNION,
} from '../../../src/targets/sets/intervals.ts';

const combined = <T extends number | bigint>(a: readonly T[], b: readonly T[], kept: number) =>
  Array.from(combine(a, b, kept));

describe('boundary lists', () => {
  it('combine by any rule', () => {
    expect(combined([1, 5], [3, 9], UNION)).toEqual([1, 9]);
    expect(combined([1, 5], [3, 9], DIFFERENCE)).toEqual([1, 3]);
    expect(combined([3, 9], [1, 5], DIFFERENCE)).toEqual([5, 9]);
    expect(combined([1, 5], [3, 9], INTERSECTION)).toEqual([3, 5]);
    expect(combined([1n, 5n], [5n, 9n], UNION)).toEqual([1n, 9n]);
    expect(combined([1n, 5n], [5n, 9n], INTERSECTION)).toEqual([]);
    expect(combined<number>([], [], UNION)).toEqual([]);
  });

  it('are half-open', () => {
    expect([0, 1, 4, 5].map((value) => contains([1, 5], value))).toEqual([false, true, true, false]);
  });

  it('merge ranges that touch, overlap or repeat', () => {
    expect(Array.from(merge([0, 2, 2, 3, 8], [2, 4, 5, 5, 9]))).toEqual([0, 5, 8, 9]);
    expect(merge<number>([], [])).toEqual([]);
  });

  it('are counted and read in pairs', () => {
    expect([0, 1, 2, 7].map((value) => countUpTo([1, 2, 4], value))).toEqual([0, 1, 2, 3]);
    expect([...pairs([1, 2, 4, 8])]).toEqual([
      [1, 2],
      [4, 8],
    ]);
  });
});
