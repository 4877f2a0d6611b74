import { expect, it } from 'vitest';
import { RecentlyMade } from '../../../src/runtime/recentlyMade.ts';

it('makes a value once, however many ask for it at the same time', async () => {
  const kept = new RecentlyMade<number>(2);
  let made = 0;
  const make = async () => ++made;
  expect(await Promise.all([kept.get('a', make), kept.get('a', make), kept.get('a', make)])).toEqual([
    1, 1, 1,
  ]);
  expect(await kept.get('a', make)).toBe(1);
  expect(await kept.get('b', make)).toBe(2);
});

it('forgets the one that was not asked for for longest', async () => {
  const kept = new RecentlyMade<string>(2);
  const asked: string[] = [];
  const get = (key: string) => kept.get(key, async () => `${asked.push(key)}`);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

it('tries again after a failure, which all who waited for it get', async () => {
  const kept = new RecentlyMade<string>(2);
  const fail = () => Promise.reject(new Error('away'));
  const both = [kept.get('a', fail), kept.get('a', async () => 'not asked')];
  for (const asked of both) await expect(asked).rejects.toThrow('away');
  expect(await kept.get('a', async () => 'there')).toBe('there');
});
