import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLines, readLongText, writeButLast } from '../../src/adapters/longText.ts';
import { type Installation, ownInstallation } from '../support/tasker.ts';

const PIECE = 2 ** 18;

let installation: Installation;
beforeAll(async () => {
  installation = await ownInstallation();
});
afterAll(() => installation?.drop());

it.each([1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])(
  'writes a text of %d characters, all but its last piece, and it is read as it was',
  async (length) => {
    const { redis } = installation;
    const text = 'abcdefghijklm'.repeat(length / 13 + 1).slice(0, length);
    for (const [key, written] of Object.entries({ string: text, bytes: Buffer.from(text) })) {
      const last = await writeButLast<string | Buffer>(redis, key, written);
      expect(last.length).toBeGreaterThan(0);
      expect(last.length).toBeLessThanOrEqual(PIECE);
      if (length > PIECE) expect(await redis.ttl(key)).toBeGreaterThan(0);
      else expect(await redis.exists(key)).toBe(0);
      await redis.append(key, last);
      expect(await readLongText(redis, key)).toBe(text);
      await redis.del(key);
    }
  },
);

it('makes a key also of an empty text', async () => {
  const { redis } = installation;
  await redis.append('empty', await writeButLast(redis, 'empty', ''));
  expect(await redis.exists('empty')).toBe(1);
});

it('cuts lines and characters nowhere, wherever the pieces end', async () => {
  const { redis } = installation;
  const lines = Array.from({ length: 60_000 }, (_, index) => `${'ü€😀'.repeat(index % 7)}${index}`);
  const bytes = Buffer.from(lines.join('\n'));
  await redis.append('lines', await writeButLast(redis, 'lines', bytes));
  const read: string[] = [];
  for await (const slice of readLines(redis, 'lines')) read.push(...slice.split('\n'));
  expect(bytes.length).toBeGreaterThan(3 * PIECE);
  expect(read).toEqual(lines);
});
