import { StringDecoder } from 'node:string_decoder';
import type { Redis } from 'ioredis';
import { othersTurn } from '../turns.ts';

/** Read or written at once; a text of 20 MB in one command would hold the process up for 50 ms. */
const PIECE_BYTES = 2 ** 18;
/** How long pieces stay that nobody makes count. */
const PIECES_LIFE_S = 3_600;
/** Characters of lines handed on at once: reading as many entries takes a millisecond or two. */
const SLICE = 2 ** 15;

/**
 * Writes all but the last piece of a text that may be long, and returns that one: the command that makes the text count
 * appends it. So a short text takes no command more than that. The key is the caller's alone. A string is ASCII.
 */
export async function writeButLast<Text extends string | Buffer>(
  redis: Redis,
  key: string,
  text: Text,
): Promise<Text> {
  let start = 0;
  for (; start + PIECE_BYTES < text.length; start += PIECE_BYTES) {
    const piece = part(text, start, start + PIECE_BYTES);
    if (start === 0) await redis.set(key, piece, 'EX', PIECES_LIFE_S);
    else await redis.append(key, piece);
    await othersTurn();
  }
  return part(text, start, text.length);
}

function part<Text extends string | Buffer>(text: Text, start: number, end: number): Text {
  return (typeof text === 'string' ? text.slice(start, end) : text.subarray(start, end)) as Text;
}

/** A text that may be long, read piece by piece; empty when there is none. It must not change meanwhile. */
export async function readLongText(redis: Redis, key: string): Promise<string> {
  let text = '';
  for await (const piece of piecesOf(redis, key)) text += piece;
  return text;
}

/**
 * The same line by line, some lines at a time, so that nobody holds the whole text; between two of them others have
 * their turn. No line is cut in two.
 */
export async function* readLines(redis: Redis, key: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of piecesOf(redis, key)) {
    const text = rest + piece;
    let start = 0;
    for (let end = lastFeed(text, start); end !== -1; end = lastFeed(text, start)) {
      yield text.slice(start, end);
      start = end + 1;
      await othersTurn();
    }
    rest = text.slice(start);
  }
  if (rest !== '') yield rest;
}

/** Where a slice that begins at `start` ends: at the last line feed within it, or the first one behind it. -1: none. */
function lastFeed(text: string, start: number): number {
  const within = text.lastIndexOf('\n', start + SLICE);
  return within >= start ? within : text.indexOf('\n', start);
}

async function* piecesOf(redis: Redis, key: string): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for (let start = 0; ; start += PIECE_BYTES) {
    const piece = await redis.getrangeBuffer(key, start, start + PIECE_BYTES - 1);
    yield decoder.write(piece);
    if (piece.length < PIECE_BYTES) return;
  }
}
