import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListOf } from '../../../src/targets/entries/entryEnd.ts';
import { splitEntries } from '../../../src/targets/entries/splitEntries.ts';

const texts = (text: string, list: ListOf = 'targets') =>
  [...splitEntries(text, list)].map((entry) => entry.text);

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

  it.each<[text: string, targets: string[], rules?: string[]]>([
    ['8.8.8.8 1.1.1.1', ['8.8.8.8', '1.1.1.1'], ['8.8.8.8 1.1.1.1']],
    ['8.8.8.1 8.8.8.6', ['8.8.8.1 8.8.8.6']],
    ['8.8.0.1\t8.8.255.254', ['8.8.0.1\t8.8.255.254']],
    ['8.8.8.6 8.8.8.1', ['8.8.8.6', '8.8.8.1'], ['8.8.8.6 8.8.8.1']],
    ['a.test 8.8.8.1 8.8.8.6', ['a.test', '8.8.8.1', '8.8.8.6'], ['a.test 8.8.8.1 8.8.8.6']],
    ['8.8.8.1 8.8.8.6 8.8.8.9', ['8.8.8.1', '8.8.8.6', '8.8.8.9'], ['8.8.8.1 8.8.8.6 8.8.8.9']],
    ['2001:db8::1 2001:db8::f', ['2001:db8::1 2001:db8::f']],
    ['2001:db8::1 2001:db9::f', ['2001:db8::1', '2001:db9::f'], ['2001:db8::1 2001:db9::f']],
    [
      'a.test 8.8.8.0 255.255.255.0, b.test',
      ['a.test', '8.8.8.0 255.255.255.0', 'b.test'],
      ['a.test 8.8.8.0 255.255.255.0', 'b.test'],
    ],
    ['8.8.8.0,255.255.255.0,8.8.9.0', ['8.8.8.0,255.255.255.0', '8.8.9.0']],
    ['8.8.8.0, 0.0.0.255', ['8.8.8.0, 0.0.0.255']],
    ['8.8.8.0,0.0.0.0', ['8.8.8.0', '0.0.0.0']],
    ['8.8.8.1 - 8.8.8.6, 8.8.9.1 to 8.8.9.6', ['8.8.8.1 - 8.8.8.6', '8.8.9.1 to 8.8.9.6']],
    ['8.8.8.0 /24, 8.8.9.0/ 24, 8.8.10.0 / 24', ['8.8.8.0 /24', '8.8.9.0/ 24', '8.8.10.0 / 24']],
    ['2001:db8:: /64, 2001:db9:: 64', ['2001:db8:: /64', '2001:db9:: 64']],
    ['8.8.8.0 mask 255.255.255.0', ['8.8.8.0 mask 255.255.255.0']],
    [
      '8.8.8.8 # one\n8.8.8.0/24#office, 9.9.9.9\n2001:db8::/64#lab',
      ['8.8.8.8', '8.8.8.0/24', '2001:db8::/64'],
    ],
    ['8.8.8.1,2#lab', ['8.8.8.1,2']],
    ['a.test#b.test', ['a.test#b.test']],
    [
      '8.8.8.8 // production, do not touch\n; 8.8.8.9, x',
      ['8.8.8.8', '// production, do not touch', '; 8.8.8.9, x'],
    ],
    ['- 8.8.8.8\n* 8.8.8.9, 8.8.8.7\n1. a.test', ['- 8.8.8.8', '* 8.8.8.9', '8.8.8.7', '1. a.test']],
    ['["8.8.8.8", "8.8.4.4"]', ['["8.8.8.8", "8.8.4.4"]']],
    ['\ufeff[\n  "8.8.8.8",\n  "8.8.4.4"\n]', ['[\n  "8.8.8.8",\n  "8.8.4.4"\n]']],
    ['8\0.\0,\0', ['8\0.\0,\0']],
  ])('%j holds the targets %j', (text, targets, rules = targets) => {
    expect(texts(text)).toEqual(targets);
    expect(texts(text, 'rules')).toEqual(rules);
  });

  it('says where each one stands', () => {
    const text = '\ufeffa.test\r\n  b.test, 10.0.0.1,10.0.0.2\r\r\n# comment\n\tc.test';
    expect([...splitEntries(text, 'targets')]).toEqual([
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
      '0x5',
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
        const found = [...splitEntries(text, 'targets')];
        expect(found.map((cut) => cut.text)).toEqual(pairs.map(([one]) => one));
        const lines = text.split(/\r\n|\r|\n/);
        for (const cut of found)
          expect(lines[cut.line - 1]?.slice(cut.column - 1, cut.column - 1 + cut.text.length)).toBe(cut.text);
      }),
    );
  });

  it('loses no character of any text but separators and comments', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom<ListOf>('targets', 'rules'),
        (text, list) => {
          const kept = texts(text, list)
            .join('')
            .replace(/[,\s\u0085]/g, '');
          const expected = text.replace(/^\ufeff/, '');
          if (!text.includes('#'))
            expect(kept).toBe(expected.replace(/[,\s\u0085]/g, '').replaceAll('\u0085', ''));
        },
      ),
    );
  });
});
