import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverse, scanOrder } from '../../../src/targets/order/scanOrder.ts';

const permutedIndex = (position: number, size: number, seed: number) => scanOrder(size, seed)(position);

const order = (size: number, seed: number) =>
  Array.from({ length: size }, (_, position) => position).map(scanOrder(size, seed));

describe('permutation', () => {
  it('visits every index once, for every size up to 300', () => {
    for (let size = 1; size <= 300; size++) expect(new Set(order(size, 7 * size)).size).toBe(size);
  });

  it('is a bijection for any size and seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.maxSafeInteger(), (size, seed) => {
        const seen = order(size, seed);
        expect(new Set(seen).size).toBe(size);
        expect(seen.every((index) => Number.isInteger(index) && index >= 0 && index < size)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it.each([2 ** 24, 2 ** 26, 2 ** 26 + 1, 2 ** 32, 2 ** 40 + 5])('is exact at size %i', (size) => {
    const stride = BigInt(permutedIndex(1, size, 0));
    for (const position of [0, 2, 12_345, size - 2, size - 1]) {
      const expected = (BigInt(position) * stride + 99n) % BigInt(size);
      expect(permutedIndex(position, size, 99)).toBe(Number(expected));
    }
  });

  it('sends neighbours far apart (mostly size / 5 tasks, at a few awkward sizes size / 17)', () => {
    const sizes = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1_000, max: 70_000 }));
    fc.assert(
      fc.property(sizes, (size) => {
        const positions: number[] = [];
        order(size, 0).forEach((index, position) => {
          positions[index] = position;
        });
        const apart = positions
          .slice(1)
          .map((position, i) => Math.abs(position - (positions[i] ?? position)));
        expect(Math.min(size, ...apart)).toBeGreaterThan(size / 17 - 1);
      }),
      { numRuns: 50 },
    );
  });

  it('spreads the tasks of any stretch of time evenly over the set', () => {
    const stretch = order(65_536, 3)
      .slice(1_000, 1_256)
      .sort((a, b) => a - b);
    const gaps = stretch.slice(1).map((index, i) => index - (stretch[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(256 / 7);
    expect(Math.max(...gaps)).toBeLessThan(256 * 7);
  });

  it('begins where the seed says', () => {
    expect(permutedIndex(0, 100, 42)).toBe(42);
    expect(permutedIndex(0, 100, -1)).toBe(99);
  });

  it.each([
    [0, 0, 0],
    [5, 5, 0],
    [-1, 5, 0],
    [0.5, 5, 0],
    [0, 5, 0.5],
    [0, Number.NaN, 0],
  ])('refuses position %d of %d with seed %d', (position, size, seed) => {
    expect(() => permutedIndex(position, size, seed)).toThrow(RangeError);
  });
});

describe('inverse', () => {
  it('leads back from every index, for every size up to 300', () => {
    for (let size = 1; size <= 300; size++) {
      const back = inverse(size, 11 * size + 5);
      expect(order(size, 11 * size + 5).map(back)).toEqual(Array.from({ length: size }, (_, i) => i));
    }
  });

  it('leads back at any size and seed', () => {
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: 2 ** 27 }),
      fc.constantFrom(2 ** 26, 2 ** 26 + 1, 2 ** 32, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER),
      fc.maxSafeNat().filter((size) => size > 0),
    );
    fc.assert(
      fc.property(
        sizes,
        fc.maxSafeInteger(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (size, seed, part) => {
          const position = Math.min(size - 1, Math.floor(part * size));
          expect(inverse(size, seed)(permutedIndex(position, size, seed))).toBe(position);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([5, -1, 0.5])('refuses index %d of 5', (index) => {
    expect(() => inverse(5, 0)(index)).toThrow(RangeError);
  });
});
