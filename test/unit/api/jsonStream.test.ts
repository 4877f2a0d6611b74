import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inPages, jsonStream, MOST_LIST_TEXT } from '../../../src/api/http/jsonStream.ts';

async function listOf(slices: Iterable<string[]>, limit: number) {
  const texts: string[] = [];
  const pieces = jsonStream(slices, String, limit);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return { texts, isAll: value };
    texts.push(value);
  }
}

it('a list has what there is up to the limit, in order, and says whether that is all', async () => {
  const items = fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      items,
      fc.nat({ max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (all, limit, perSlice) => {
        const slices = all.flatMap((_, at) => (at % perSlice === 0 ? [all.slice(at, at + perSlice)] : []));
        const { texts, isAll } = await listOf(slices, limit);
        expect(texts.join('')).toBe(all.slice(0, limit).join(','));
        expect(isAll).toBe(all.length <= limit);
      },
    ),
  );
});

it('a list has no more text than there may be, however few items that are', async () => {
  const item = 'x'.repeat(2 ** 20);
  const { texts, isAll } = await listOf(inPages(Array.from({ length: 200 }, () => item)), 1_000);
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  expect(isAll).toBe(false);
  expect(length).toBeGreaterThan(MOST_LIST_TEXT - 2 * item.length);
  expect(length).toBeLessThan(MOST_LIST_TEXT + 200);
  // One item at a time, not a slice of five hundred of them.
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(2 * item.length);
});
