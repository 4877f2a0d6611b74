import { StringDecoder } from 'node:string_decoder';
import type { Redis } from 'ioredis';

/** Bytes read at once: a text of 20 MB in one answer would hold the process up for 30 ms. */
const PIECE_BYTES = 2 ** 20;

/** A text that may be long, read piece by piece; empty when there is none. It must not change meanwhile. */
export async function readLongText(redis: Redis, key: string): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for (let start = 0; ; start += PIECE_BYTES) {
    const piece = await redis.getrangeBuffer(key, start, start + PIECE_BYTES - 1);
    text += decoder.write(piece);
    if (piece.length < PIECE_BYTES) return text;
  }
}
