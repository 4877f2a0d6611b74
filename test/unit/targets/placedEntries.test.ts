import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlacedEntry, placedEntries, placedLine } from '../../../src/targets/entries/placedEntries.ts';

function written(entries: readonly PlacedEntry[]): string {
  return entries.map((entry, index) => placedLine(entry, entries[index - 1])).join('\n');
}

describe('placed entries', () => {
  it('take no more than their text where one follows the other', () => {
    const item = (index: number, text: string) => ({ text, item: index, line: 1, column: 1 });
    expect(written([item(0, 'a.test'), item(1, '8.8.8.8'), item(4, 'b.test'), item(5, 'c.test')])).toBe(
      'a.test\n8.8.8.8\nb.test\t4:1:1\nc.test',
    );
    const line = (at: number, text: string, column = 1) => ({ text, item: 0, line: at, column });
    expect(written([line(1, 'a.test'), line(2, 'b.test'), line(3, 'c.test', 9), line(5, 'd.test')])).toBe(
      'a.test\nb.test\t\nc.test\t0:3:9\nd.test\t0:5:1',
    );
  });

  it('are read as they were written', () => {
    const entry = fc.record({
      text: fc.constantFrom('a.test', '8.8.8.8', '10.0-3.*.1,5', 'bücher.test'),
      item: fc.nat(3),
      line: fc.integer({ min: 1, max: 3 }),
      column: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect([...placedEntries(written(entries))]).toEqual(entries);
      }),
    );
  });

  it('reads a plain list of entries too', () => {
    expect([...placedEntries('a.test\nb.test')].map(({ text, item }) => [text, item])).toEqual([
      ['a.test', 0],
      ['b.test', 1],
    ]);
    expect([...placedEntries('')]).toEqual([]);
  });
});
