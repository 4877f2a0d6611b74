import type { Redis } from 'ioredis';
import { type AddressSet, decode } from '../../targets/sets/addressSet.ts';
import { readChunked } from './chunkedValue.ts';

/** The address set whose text stands at a key; undefined: there is none. */
export async function readSet(redis: Redis, key: string): Promise<AddressSet | undefined> {
  const text = await readChunked(redis, key);
  return text === '' ? undefined : decode(text);
}
