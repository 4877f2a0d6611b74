/**
 * The size of a value in an LRUCache whose `maxSize` this is. The cache does not take a value that is larger than all of
 * it; counted as exactly that large, it stays until the next one comes.
 */
export function cacheSize(bytes: number, maxSize: number): number {
  return Math.max(1, Math.min(bytes, maxSize));
}
