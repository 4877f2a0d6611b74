import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { Redis } from 'ioredis';
import { type AddressSet, decode } from '../../targets/sets/addressSet.ts';
import { RedisScript } from './script.ts';

/** Read or written at once; a text of 20 MB in one command would hold the process up for 50 ms. */
const CHUNK_BYTES = 2 ** 18;
/** How long chunks stay that nobody makes count. */
const CHUNKS_LIFE_S = 3_600;
/** Characters of lines handed on at once: reading as many entries takes a millisecond or two. */
const CHUNK_TEXT = 2 ** 15;

/** A text that stands beside its place, without its last chunk. */
export interface TextBeside {
  key: string;
  last: Buffer;
  /** Of all of it, in bytes. */
  length: number;
}

/**
 * For a script that makes a text count: the first thing that it writes. It fails when chunks have expired, which takes
 * a process that was asleep for an hour.
 */
export const PUT_IN_PLACE = `
local function putInPlace(beside, place, last, length)
  if redis.call('APPEND', beside, last) ~= tonumber(length) then
    redis.call('UNLINK', beside)
    error('chunks of ' .. place .. ' are gone')
  end
  redis.call('RENAME', beside, place)
  redis.call('PERSIST', place)
end
`;

/** KEYS beside, place. ARGV last chunk, length. */
const PUT = new RedisScript<null>(`${PUT_IN_PLACE}
putInPlace(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
`);

/**
 * Writes a text that may be long beside its place, all but the last chunk: the script that makes it count appends that
 * one and renames it. So a short text takes no command more, and two who write at once do not mix their chunks.
 */
export async function writeBeside(
  redis: Redis,
  place: string,
  text: string | Uint8Array,
): Promise<TextBeside> {
  const key = `${place}:${randomUUID()}`;
  const bytes =
    typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let start = 0;
  for (; start + CHUNK_BYTES < bytes.length; start += CHUNK_BYTES) {
    const chunk = bytes.subarray(start, start + CHUNK_BYTES);
    if (start === 0) await redis.set(key, chunk, 'EX', CHUNKS_LIFE_S);
    else await redis.append(key, chunk);
  }
  return { key, last: bytes.subarray(start), length: bytes.length };
}

/** Writes a text that may be long. Whoever reads it meanwhile gets the one before. */
export async function writeChunked(redis: Redis, key: string, text: string | Uint8Array): Promise<void> {
  const beside = await writeBeside(redis, key, text);
  await PUT.run(redis, [beside.key, key], [beside.last, beside.length]);
}

/** A text that may be long, read chunk by chunk; empty when there is none. It must not change meanwhile. */
export async function readChunked(redis: Redis, key: string): Promise<string> {
  return Buffer.from((await readBytes(redis, key)).buffer).toString();
}

/** The same as bytes: a buffer of their own, which a thread can take over. */
export async function readBytes(redis: Redis, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(redis, key)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** The address set whose text stands at a key; undefined: there is none. */
export async function readSet(redis: Redis, key: string): Promise<AddressSet | undefined> {
  const text = await readChunked(redis, key);
  return text === '' ? undefined : decode(text);
}

/**
 * The same line by line, some lines at a time, so that nobody holds the whole text. No line is cut in two.
 */
export async function* readLines(redis: Redis, key: string): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunksOf(redis, key)) {
    const text = rest + decoder.write(chunk);
    let start = 0;
    for (let end = lastFeed(text, start); end !== -1; end = lastFeed(text, start)) {
      yield text.slice(start, end);
      start = end + 1;
    }
    rest = text.slice(start);
  }
  if (rest !== '') yield rest;
}

/** All its lines; none when there is no text. */
export async function readAllLines(redis: Redis, key: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const chunk of readLines(redis, key)) for (const line of chunk.split('\n')) lines.push(line);
  return lines;
}

/** Where a chunk that begins at `start` ends: at the last line feed within it, or the first one behind it. -1: none. */
function lastFeed(text: string, start: number): number {
  const within = text.lastIndexOf('\n', start + CHUNK_TEXT);
  return within >= start ? within : text.indexOf('\n', start);
}

async function* chunksOf(redis: Redis, key: string): AsyncGenerator<Buffer> {
  for (let start = 0; ; start += CHUNK_BYTES) {
    const chunk = await redis.getrangeBuffer(key, start, start + CHUNK_BYTES - 1);
    yield chunk;
    if (chunk.length < CHUNK_BYTES) return;
  }
}
