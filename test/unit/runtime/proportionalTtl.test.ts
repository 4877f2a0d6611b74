import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { describe, expect, it } from 'vitest';
import { proportionalTtl } from '../../../src/runtime/proportionalTtl.ts';

const LONG_MS = 1e9;

/** Every look takes a millisecond, and gives how many there were. */
function lookedUp(times: number, longestMs: number) {
  let looks = 0;
  const find = async (key: string) => {
    looks += 1;
    await delay(1);
    if (key === 'away') throw new Error('away');
    return looks;
  };
  return new LRUCache<string, number>({ max: 2, fetchMethod: proportionalTtl(times, longestMs, find) });
}

describe('what is expensive to find out', () => {
  it('is found out once for all who ask meanwhile, and for a while after', async () => {
    const cache = lookedUp(1e9, LONG_MS);
    expect(await Promise.all([1, 2, 3].map(() => cache.fetch('a')))).toEqual([1, 1, 1]);
    await delay(5);
    expect(await cache.fetch('a')).toBe(1);
  });

  it('is found out again when its time is over', async () => {
    for (const cache of [lookedUp(0, LONG_MS), lookedUp(1e9, 0)]) {
      expect(await cache.fetch('a')).toBe(1);
      await delay(5);
      expect(await cache.fetch('a')).toBe(2);
    }
  });

  it('counts for a multiple of the time that it took', async () => {
    const cache = lookedUp(1e6, LONG_MS);
    await cache.fetch('a');
    const leftMs = cache.getRemainingTTL('a');
    expect(leftMs).toBeGreaterThan(1e4);
    expect(leftMs).toBeLessThan(LONG_MS);
  });

  it('is not remembered when it failed', async () => {
    const cache = lookedUp(1e9, LONG_MS);
    await expect(cache.fetch('away')).rejects.toThrow('away');
    await expect(cache.fetch('away')).rejects.toThrow('away');
    expect(await cache.fetch('a')).toBe(3);
  });
});
