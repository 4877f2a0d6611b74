/** Looked at without a pause: nobody waits for a big answer longer than that takes. */
const SLICE = 512;
/**
 * Characters of one list. A name stands at each of its addresses with all names of that address: some thousand names of
 * one address would make gigabytes.
 */
export const MOST_LIST_TEXT = 64 * 2 ** 20;
/** Made at once: what the caller does not take must not pile up. */
const PIECE_TEXT = 2 ** 18;

/** Items that are there already, some at a time. undefined: looked at, nothing to list. */
export function* inChunks<T>(items: Iterable<T | undefined>, size = SLICE): Generator<T[]> {
  let slice: T[] = [];
  let looked = 0;
  for (const item of items) {
    if (item !== undefined) slice.push(item);
    looked += 1;
    if (looked % size !== 0) continue;
    yield slice;
    slice = [];
  }
  yield slice;
}

/** At most `limit` items and {@link MOST_LIST_TEXT} characters, joined by commas. Returns whether that is all. */
export async function* jsonStream<T>(
  slices: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  textOf: (item: T) => string,
  limit: number,
): AsyncGenerator<string, boolean> {
  let listed = 0;
  let length = 0;
  for await (const slice of slices) {
    let piece = '';
    for (const item of slice) {
      const text = listed === limit ? '' : textOf(item);
      length += text.length;
      if (listed === limit || length > MOST_LIST_TEXT) {
        yield piece;
        return false;
      }
      piece += listed === 0 ? text : `,${text}`;
      listed += 1;
      if (piece.length < PIECE_TEXT) continue;
      yield piece;
      piece = '';
    }
    // Also when there is nothing to list: whoever writes it sees then that the caller is gone.
    yield piece;
  }
  return true;
}
