import type { LRUCache } from 'lru-cache';

/**
 * How an LRUCache fetches what is expensive to find out. A result counts for `times` as long as finding it took: whoever
 * asks again and again makes it cost no more than a part of the time.
 *
 * @param longestMs no result counts for longer
 */
export function proportionalTtl<Value extends NonNullable<unknown>, Context = unknown>(
  times: number,
  longestMs: number,
  find: (key: string, context: Context) => Promise<Value>,
): LRUCache.Fetcher<string, Value, Context> {
  return async (key, _stale, { options, context }) => {
    const began = performance.now();
    const value = await find(key, context);
    // 0 would mean for ever.
    options.ttl = Math.max(1, Math.min(longestMs, times * (performance.now() - began)));
    return value;
  };
}
