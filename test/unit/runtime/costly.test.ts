import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Costly } from '../../../src/runtime/costly.ts';

const LONG_MS = 1e9;

/** Counts how often it is asked. */
function counting() {
  let calls = 0;
  return async () => {
    calls += 1;
    await delay(1);
    return calls;
  };
}

describe('what is expensive to find out', () => {
  it('is found out once for all who ask meanwhile, and for a while after', async () => {
    const costly = new Costly<number>(1e9, LONG_MS);
    const find = counting();
    expect(await Promise.all([1, 2, 3].map(() => costly.get('a', find)))).toEqual([1, 1, 1]);
    expect(await costly.get('a', find)).toBe(1);
  });

  it('is found out again when its time is over', async () => {
    const costly = new Costly<number>(0, LONG_MS);
    const find = counting();
    expect(await costly.get('a', find)).toBe(1);
    expect(await costly.get('a', find)).toBe(2);
    const brief = new Costly<number>(1e9, 0);
    expect(await brief.get('a', find)).toBe(3);
    expect(await brief.get('a', find)).toBe(4);
  });

  it('is not remembered when it failed', async () => {
    const costly = new Costly<number>(1e9, LONG_MS);
    await expect(costly.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await costly.get('a', counting())).toBe(1);
  });

  it('is remembered by key, and no more than so many', async () => {
    const costly = new Costly<number>(1e9, LONG_MS, 2);
    const find = counting();
    for (const key of ['a', 'b', 'c']) await costly.get(key, find);
    expect(await costly.get('c', find)).toBe(3);
    expect(await costly.get('b', find)).toBe(2);
    expect(await costly.get('a', find)).toBe(4);
  });
});
