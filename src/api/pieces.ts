import { setImmediate } from 'node:timers/promises';

/** Small pieces in turns with everybody else: nobody waits for a big answer longer than one piece takes. */
const PIECE = 512;

/** At most `limit` items, joined by commas. An item may be undefined: looked at, nothing to list. */
export async function* pieces<T>(
  items: Iterable<T | undefined>,
  textOf: (item: T) => string,
  limit: number,
  onCut: () => void,
): AsyncGenerator<string> {
  let listed = 0;
  let looked = 0;
  let piece = '';
  for (const item of items) {
    if (item !== undefined) {
      if (listed === limit) {
        onCut();
        break;
      }
      piece += `${listed === 0 ? '' : ','}${textOf(item)}`;
      listed += 1;
    }
    looked += 1;
    if (looked % PIECE === 0) {
      if (piece !== '') yield piece;
      piece = '';
      await setImmediate();
    }
  }
  if (piece !== '') yield piece;
}
