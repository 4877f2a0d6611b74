import { othersTurn } from '../turns.ts';

/** Looked at without a pause: nobody waits for a big answer longer than that takes. */
const SLICE = 512;

/** Items that are there already, some at a time. undefined: looked at, nothing to list. */
export function* inSlices<T>(items: Iterable<T | undefined>): Generator<T[]> {
  let slice: T[] = [];
  let looked = 0;
  for (const item of items) {
    if (item !== undefined) slice.push(item);
    looked += 1;
    if (looked % SLICE !== 0) continue;
    yield slice;
    slice = [];
  }
  yield slice;
}

/** At most `limit` items, joined by commas; in turns with everybody else between two slices. */
export async function* pieces<T>(
  slices: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  textOf: (item: T) => string,
  limit: number,
  onCut: () => void,
): AsyncGenerator<string> {
  let listed = 0;
  for await (const slice of slices) {
    const items = slice.slice(0, limit - listed);
    // Also when there is nothing to list: whoever writes it sees then that the caller is gone.
    yield items.length === 0 ? '' : `${listed === 0 ? '' : ','}${items.map(textOf).join(',')}`;
    listed += items.length;
    if (items.length < slice.length) {
      onCut();
      return;
    }
    await othersTurn();
  }
}
