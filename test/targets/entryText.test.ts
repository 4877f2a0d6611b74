import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../src/targets/entry.ts';
import { entriesIn } from '../../src/targets/entryText.ts';

const texts = (text: string) => [...entriesIn(text)].map((entry) => entry.text);

describe('entriesIn', () => {
  it.each<[text: string, entries: string[]]>([
    ['10.0.0.1', ['10.0.0.1']],
    ['10.0.0.1,10.0.0.2', ['10.0.0.1', '10.0.0.2']],
    ['10.0.0.1,5', ['10.0.0.1,5']],
    ['10.0,5.0.1', ['10.0,5.0.1']],
    ['10.0.0.1,5,10.0.0.9', ['10.0.0.1,5', '10.0.0.9']],
    ['10,11.0.0.1,2-9,*,10.0.0.9', ['10,11.0.0.1,2-9,*', '10.0.0.9']],
    ['10.0-3.*.1,5,9,a.test', ['10.0-3.*.1,5,9', 'a.test']],
    ['a.test,b.test', ['a.test', 'b.test']],
    ['a.test,5', ['a.test', '5']],
    ['10.0.0.0/24,10.0.1.0/24', ['10.0.0.0/24', '10.0.1.0/24']],
    ['10.0.0.1-10.0.0.9,10.0.0.11-10.0.0.12', ['10.0.0.1-10.0.0.9', '10.0.0.11-10.0.0.12']],
    ['10.1,10.0.0.1', ['10.1', '10.0.0.1']],
    ['::1,a::1-a::ff,2001:db8::/32', ['::1', 'a::1-a::ff', '2001:db8::/32']],
    ['10.0.0.1, 5', ['10.0.0.1', '5']],
    [',,10.0.0.1,,10.0.0.2,', ['10.0.0.1', '10.0.0.2']],
    ['a.test;b.test', ['a.test;b.test']],
    [
      ' a.test\tb.test\u00a0c.test\u3000d.test\u2028e.test ',
      ['a.test', 'b.test', 'c.test', 'd.test', 'e.test'],
    ],
    ['# all\r\na.test # one\r\n\r\n  #two\rb.test\nc.test', ['a.test', 'b.test', 'c.test']],
    ['a.test,#rest, b.test\nc.test', ['a.test', 'c.test']],
    ['a#b.test', ['a#b.test']],
    ['\ufeffa.test', ['a.test']],
    ['a.test \ufeffb.test', ['a.test', '\ufeffb.test']],
    ['', []],
    ['\ufeff', []],
    [' \r\n\t,', []],
    ['# nothing', []],
  ])('%j holds %j', (text, entries) => {
    expect(texts(text)).toEqual(entries);
  });

  it('says where each one stands', () => {
    const text = '\ufeffa.test\r\n  b.test, 10.0.0.1,10.0.0.2\r\r\n# comment\n\tc.test';
    expect([...entriesIn(text)]).toEqual([
      { text: 'a.test', line: 1, column: 1 },
      { text: 'b.test', line: 2, column: 3 },
      { text: '10.0.0.1', line: 2, column: 11 },
      { text: '10.0.0.2', line: 2, column: 20 },
      { text: 'c.test', line: 5, column: 2 },
    ]);
  });

  it('cuts what was joined into the same entries, each where it says', () => {
    const entry = fc.constantFrom(
      '10.0.0.1',
      'a.test',
      '10.0-3.*.1,5,9',
      '::1',
      '10.0.0.0/8',
      'bad~host',
      '5',
    );
    const separator = fc.constantFrom(
      ' ',
      '\n',
      '\r\n',
      '\r',
      '\t ',
      ' , ',
      ' # c,omment 1.1.1.1\n',
      '\u2003',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, separator)), (pairs) => {
        const text = pairs.flat().join('');
        const found = [...entriesIn(text)];
        expect(found.map((cut) => cut.text)).toEqual(pairs.map(([one]) => one));
        const lines = text.split(/\r\n|\r|\n/);
        for (const cut of found)
          expect(lines[cut.line - 1]?.slice(cut.column - 1, cut.column - 1 + cut.text.length)).toBe(cut.text);
      }),
    );
  });

  it('loses no character of any text but separators and comments', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const kept = texts(text).join('').replace(/[,\s]/g, '');
        const expected = text.replace(/^\ufeff/, '');
        if (!text.includes('#'))
          expect(kept).toBe(expected.replace(/[,\s\u0085]/g, '').replaceAll('\u0085', ''));
      }),
    );
  });

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
  ])('goes through 30 MB of %s once', (_, piece, entries) => {
    let found = 0;
    for (const { text } of entriesIn(piece.repeat(Math.ceil(30_000_000 / piece.length)))) {
      found += 1;
      if (text.length > 4_096) expect(parseEntry(text)).toMatchObject({ ok: false });
    }
    expect(found).toBe(entries);
  });
});
