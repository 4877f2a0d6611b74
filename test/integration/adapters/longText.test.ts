import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  readChunked,
  readLines,
  writeBeside,
  writeChunked,
} from '../../../src/adapters/redis/chunkedValue.ts';
import { type Installation, ownInstallation } from '../../support/tasker.ts';

const PIECE = 2 ** 18;

let installation: Installation;
beforeAll(async () => {
  installation = await ownInstallation();
});
afterAll(() => installation?.drop());

it.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])(
  'a text of %d characters is read as it was written',
  async (length) => {
    const { redis } = installation;
    const text = 'abcdefghijklm'.repeat(length / 13 + 1).slice(0, length);
    for (const [place, written] of Object.entries({ string: text, bytes: Buffer.from(text) })) {
      await redis.set(place, 'the one before', 'EX', 100);
      await writeChunked(redis, place, written);
      expect(await readChunked(redis, place)).toBe(text);
      expect(await redis.ttl(place)).toBe(-1);
      expect(await redis.keys(`${place}:*`)).toEqual([]);
      await redis.del(place);
    }
  },
);

it('no line and no character is cut, wherever the chunks end', async () => {
  const { redis } = installation;
  const lines = Array.from({ length: 60_000 }, (_, index) => `${'ü€😀'.repeat(index % 7)}${index}`);
  const bytes = Buffer.from(lines.join('\n'));
  await writeChunked(redis, 'lines', bytes);
  const read: string[] = [];
  for await (const slice of readLines(redis, 'lines')) read.push(...slice.split('\n'));
  expect(bytes.length).toBeGreaterThan(3 * PIECE);
  expect(read).toEqual(lines);
});

it('nothing counts before all of it is there, and what never counts goes by itself', async () => {
  const { redis } = installation;
  const beside = await writeBeside(redis, 'place', 'x'.repeat(2 * PIECE + 1));
  expect(beside).toMatchObject({ last: Buffer.from('x'), length: 2 * PIECE + 1 });
  expect(await redis.exists('place')).toBe(0);
  expect(await redis.ttl(beside.key)).toBeGreaterThan(0);
});

it('a text whose chunks have expired is an error, and does not count', async () => {
  const { redis } = installation;
  const text = 'x'.repeat(2 * PIECE + 1);
  const append = redis.append.bind(redis);
  const lost = Object.create(redis, {
    append: { value: async (key: string, piece: string) => append(key, piece).then(() => redis.del(key)) },
  });
  await expect(writeChunked(lost, 'late', text)).rejects.toThrow('chunks of late are gone');
  expect(await redis.keys('late*')).toEqual([]);
});
