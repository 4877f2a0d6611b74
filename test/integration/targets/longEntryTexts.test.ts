import { expect, it } from 'vitest';
import { parseEntry } from '../../../src/targets/entries/entry.ts';
import { splitEntries } from '../../../src/targets/entries/splitEntries.ts';

it.each([
  ['no separator', 'a', 1],
  ['octets without end', '1,', 1],
  ['dots', '.', 1],
  ['stars and commas', '*,-,', 1],
  ['commas', ',', 0],
  ['number signs', '#', 0],
  ['short entries', 'a,', 15_000_000],
  ['addresses with commas', '10.0.0.1,', 3_333_334],
  ['line ends', '\r\n', 0],
])('a text of 30 MB is gone through once: %s', (_, piece, entries) => {
  let found = 0;
  for (const { text } of splitEntries(piece.repeat(Math.ceil(30_000_000 / piece.length)), 'targets')) {
    found += 1;
    if (text.length > 4_096) expect(parseEntry(text)).toMatchObject({ ok: false });
  }
  expect(found).toBe(entries);
});
