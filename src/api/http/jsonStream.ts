/** Looked at without a pause: nobody waits for a big answer longer than that takes. */
const PER_PAGE = 512;
/**
 * Characters of one list. A name stands at each of its addresses with all names of that address: some thousand names of
 * one address would make gigabytes.
 */
export const MOST_LIST_TEXT = 24 * 2 ** 20;
/** Made at once: what the caller does not take must not pile up. */
const CHUNK_TEXT = 2 ** 18;

/** Items that are there already, some at a time. undefined: looked at, nothing to list. */
export function* inPages<T>(items: Iterable<T | undefined>, size = PER_PAGE): Generator<T[]> {
  let page: T[] = [];
  let looked = 0;
  for (const item of items) {
    if (item !== undefined) page.push(item);
    looked += 1;
    if (looked % size !== 0) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** At most `limit` items and {@link MOST_LIST_TEXT} characters, joined by commas. Returns whether that is all. */
export async function* jsonStream<T>(
  pages: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  textOf: (item: T) => string,
  limit: number,
): AsyncGenerator<string, boolean> {
  let listed = 0;
  let length = 0;
  for await (const page of pages) {
    let chunk = '';
    for (const item of page) {
      const text = listed === limit ? '' : textOf(item);
      length += text.length;
      if (listed === limit || length > MOST_LIST_TEXT) {
        yield chunk;
        return false;
      }
      chunk += listed === 0 ? text : `,${text}`;
      listed += 1;
      if (chunk.length < CHUNK_TEXT) continue;
      yield chunk;
      chunk = '';
    }
    // Also when there is nothing to list: whoever writes it sees then that the caller is gone.
    yield chunk;
  }
  return true;
}
