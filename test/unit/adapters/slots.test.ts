import { expect, it } from 'vitest';
import { Slots } from '../../../src/adapters/dns/slots.ts';

/** Calls of so many pieces each on one slot; gives the order in which the calls got it. */
async function order(...sizes: number[]): Promise<string> {
  const slots = new Slots(1);
  const call = new AbortController().signal;
  let got = '';
  const runs = sizes.map((size, index) => {
    const work = async () => {
      got += 'abcdef'[index];
    };
    return slots.run(Array(size).keys(), work, call);
  });
  await Promise.all(runs);
  return got;
}

it('gives two of three slots to the oldest call, and the others take turns', async () => {
  expect((await order(100, 100, 100)).slice(1, 16)).toMatch(/^(?:a[abc]|[abc]a){7}/);
  const shares = (await order(100, 100, 100)).slice(0, 90);
  const shareOf = (call: string) => shares.split(call).length - 1;
  expect(shareOf('a')).toBeGreaterThan(50);
  expect(shareOf('b')).toBeGreaterThan(10);
  expect(shareOf('c')).toBeGreaterThan(10);
});

it('lets calls end one after the other, in the order in which they began', async () => {
  const got = await order(100, 100, 100);
  const ends = ['a', 'b', 'c'].map((call) => got.lastIndexOf(call));
  expect(ends[1]).toBeGreaterThan((ends[0] ?? 0) + 30);
  expect(ends[2]).toBeGreaterThan((ends[1] ?? 0) + 30);
});

it('does not make a short call wait until a long one is through', async () => {
  const got = await order(10_000, 10_000, 5);
  expect(got.lastIndexOf('c')).toBeLessThan(40);
});

it('leaves nothing out, whatever the sizes', async () => {
  const got = await order(7, 0, 31, 1);
  expect([...got].sort().join('')).toBe(`${'a'.repeat(7)}${'c'.repeat(31)}d`);
});

it('has no more work going on than there are slots', async () => {
  const slots = new Slots(3);
  let out = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++out);
    await new Promise((resolve) => setImmediate(resolve));
    out--;
  };
  const call = new AbortController().signal;
  await Promise.all([1, 2, 3].map(() => slots.run(Array(20).keys(), work, call)));
  expect({ most, out }).toEqual({ most: 3, out: 0 });
});

it('a piece that gives way leaves its place to others, and the call still waits for it', async () => {
  const slots = new Slots(2);
  const ends: (() => void)[] = [];
  let begun = 0;
  let ended = false;
  const waits = (_: number, giveWay: () => void) => {
    begun++;
    setImmediate(giveWay);
    // A second time it changes nothing.
    setImmediate(giveWay);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const silent = slots.run(Array(50).keys(), waits, new AbortController().signal).then(() => {
    ended = true;
  });
  await slots.run(Array(5).keys(), async () => {}, new AbortController().signal);
  while (begun < 50) await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  for (const end of ends) end();
  await silent;

  let out = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++out);
    await new Promise((resolve) => setImmediate(resolve));
    out--;
  };
  await slots.run(Array(20).keys(), work, new AbortController().signal);
  expect({ most, out }).toEqual({ most: 2, out: 0 });
});

it('a call has so many pieces out at most, also when they give way, and is done with all of them', async () => {
  const slots = new Slots(100);
  let out = 0;
  let most = 0;
  let done = 0;
  const work = async (_: number, giveWay: () => void) => {
    most = Math.max(most, ++out);
    giveWay();
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
    out--;
    done++;
  };
  await slots.run(Array(5_000).keys(), work, new AbortController().signal);
  expect({ most, out, done }).toEqual({ most: 2_000, out: 0, done: 5_000 });
});
