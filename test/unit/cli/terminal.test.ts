import { describe, expect, it } from 'vitest';
import { bar, legend, type Segment } from '../../../src/cli/terminal/bar.ts';
import { counted, duration, several } from '../../../src/cli/terminal/numbers.ts';
import { table } from '../../../src/cli/terminal/table.ts';
import { cutTo, painter, widthOf, withoutControls, wrap } from '../../../src/cli/terminal/text.ts';

const plain = painter(false);
const paint = painter(true);

describe('text on a terminal', () => {
  it('is cut at a width that colours do not count for', () => {
    const line = `${paint('red', 'failed')} because of ${paint('bold', 'much')}`;
    expect(widthOf(line)).toBe(22);
    expect(cutTo(line, 22)).toBe(line);
    for (let columns = 1; columns < 22; columns += 1) {
      expect(widthOf(cutTo(line, columns))).toBe(columns);
      // What was switched on is switched off.
      expect(cutTo(line, columns).split('\u001b[')).toHaveLength(5);
    }
  });

  it('moves no cursor, turns no letters and begins no line, whatever somebody wrote', () => {
    const remark = 'lunch\u001b[2J\u001b]0;title\u0007\r\n\u009b1Atasker: all is well\u202e';
    expect(withoutControls(remark)).toBe('lunch [2J ]0;title    1Atasker: all is well ');
    expect(withoutControls(paint('red', 'no'))).toBe(paint('red', 'no'));
  });

  it('is broken between words', () => {
    expect(wrap(['done 1', 'failed 2', 'a word that is too long', 'x'], 16)).toEqual([
      'done 1  failed 2',
      'a word that is too long',
      'x',
    ]);
  });
});

describe('a bar', () => {
  const segments = (...counts: number[]): Segment[] =>
    counts.map((count, index) => ({ name: `n${index}`, count, sign: String(index), colour: 'red' }));

  it.each([
    [[50, 50], 10, '0000011111'],
    [[1, 1_000_000], 10, '0111111111'],
    [[1_000_000, 1, 1], 4, '0012'],
    [[0, 3, 0], 5, '11111'],
    [[1, 1, 1], 10, '0000111222'],
    [[1, 1, 1], 2, '01'],
    [[0, 0], 10, ''],
  ])('of %j in %i cells is %s', (counts, cells, drawn) => {
    expect(bar(segments(...counts), cells, plain)).toBe(drawn);
  });

  it('is as wide as it should be, whatever the counts', () => {
    for (let seed = 1; seed < 400; seed += 1) {
      const counts = Array.from({ length: 6 }, (_, index) => (seed * (index + 3) * 7919) % 10 ** (index + 1));
      const drawn = bar(segments(...counts), 40, plain);
      expect(drawn).toHaveLength(40);
      for (const [index, count] of counts.entries())
        expect({ counts, drawn, has: drawn.includes(String(index)) }).toMatchObject({ has: count > 0 });
    }
  });

  it('has a legend', () => expect(legend(segments(1_234), plain)).toEqual(['0 n0 1,234']));
});

describe('numbers', () => {
  it('are grouped, also those that are more than a number holds', () => {
    expect(counted(65_534)).toBe('65,534');
    expect(counted('18446744073709551616')).toBe('18,446,744,073,709,551,616');
    expect([several(1, 'scan'), several(0, 'entry', 'entries')]).toEqual(['1 scan', '0 entries']);
  });

  it.each([
    [0.2, '0 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [3_600, '1 h'],
    [3_605, '1 h 5 s'],
    [90_061, '1 d 1 h'],
    [-5, '0 s'],
  ])('%f seconds are %s', (seconds, words) => expect(duration(seconds)).toBe(words));
});

it('a table aligns words at the left and numbers at the right', () => {
  expect(
    table(
      ['entry', 'n', ''],
      [
        ['a', '1', 'x'],
        ['bbbbbb', '1,000', ''],
      ],
    ),
  ).toEqual(['entry       n', 'a           1  x', 'bbbbbb  1,000']);
});
