import { expect, it } from 'vitest';
import { type Enter, Slots } from '../../../src/adapters/dns/slots.ts';

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work that holds a place as long as it takes. */
const holding =
  (work: () => Promise<void>) =>
  async (_: number, enter: Enter): Promise<void> => {
    const leave = await enter();
    await work();
    leave();
  };

/** Calls of so many pieces each on one slot; gives the order in which the calls got it. */
async function order(...sizes: number[]): Promise<string> {
  const slots = new Slots(1, 1_000_000);
  const call = new AbortController().signal;
  let got = '';
  const runs = sizes.map((size, index) => {
    const work = async () => {
      got += 'abcdef'[index];
    };
    return slots.run(Array(size).keys(), holding(work), call);
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
  const slots = new Slots(3, 1_000);
  let out = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++out);
    await soon();
    out--;
  };
  const call = new AbortController().signal;
  await Promise.all([1, 2, 3].map(() => slots.run(Array(20).keys(), holding(work), call)));
  expect({ most, out }).toEqual({ most: 3, out: 0 });
});

it('what waits without a place is in nobody’s way, the call waits for it, and it may enter again', async () => {
  const slots = new Slots(2, 1_000);
  const ends: (() => void)[] = [];
  let entered = 0;
  let ended = false;
  const waits = async (_: number, enter: Enter) => {
    const leave = await enter();
    entered++;
    leave();
    // A second time it changes nothing.
    leave();
    await new Promise<void>((resolve) => ends.push(resolve));
    (await enter())();
    entered++;
  };
  const silent = slots.run(Array(50).keys(), waits, new AbortController().signal).then(() => {
    ended = true;
  });
  await slots.run(Array(5).keys(), holding(soon), new AbortController().signal);
  while (ends.length < 50) await soon();
  expect({ entered, ended }).toEqual({ entered: 50, ended: false });
  for (const end of ends) end();
  await silent;
  expect(entered).toBe(100);

  let out = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++out);
    await soon();
    out--;
  };
  await slots.run(Array(20).keys(), holding(work), new AbortController().signal);
  expect({ most, out }).toEqual({ most: 2, out: 0 });
});

it('what is in flight is bounded over all calls, and there is room for one more call at any time', async () => {
  const slots = new Slots(100, 1_000);
  let out = 0;
  let most = 0;
  let done = 0;
  const ends: (() => void)[] = [];
  const waits = async () => {
    most = Math.max(most, ++out);
    await new Promise<void>((resolve) => ends.push(resolve));
    out--;
    done++;
  };
  const { signal } = new AbortController();
  const calls = [1, 2, 3, 4].map(() => slots.run(Array(700).keys(), waits, signal));
  await soon();
  expect(out).toBeGreaterThan(800);
  const small = slots.run(Array(5).keys(), async () => {}, signal);
  await small;
  while (done < 2_800) {
    ends.shift()?.();
    await soon();
  }
  await Promise.all(calls);
  expect({ most, out }).toEqual({ most: expect.any(Number), out: 0 });
  expect(most).toBeLessThan(1_000);
});

it('an aborted call leaves out what is not in flight, and gives back its places', async () => {
  const slots = new Slots(1, 10);
  const call = new AbortController();
  let entered = 0;
  const work = async (_: number, enter: Enter) => {
    const leave = await enter();
    if (call.signal.aborted) return leave();
    entered++;
    call.abort();
    leave();
  };
  await slots.run(Array(100).keys(), work, call.signal);
  expect(entered).toBe(1);
  await slots.run(
    Array(3).keys(),
    holding(async () => void entered++),
    new AbortController().signal,
  );
  expect(entered).toBe(4);
});
