import { describe, expect, it } from 'vitest';
import { portList, readOptions, withFix, withoutLine } from '../../../web/pages/newScan/request.ts';

const TEXT = '8.8.8.0/28\n  8.8.8.8:80, 8.8.4.4:80\nwww.example.com';

describe('a list of entries', () => {
  it('has one entry replaced where it stands, and the rest of its line stays', () => {
    const fixed = withFix(TEXT, { line: 2, column: 15, length: 10, input: '8.8.4.4:80' }, '8.8.4.4');
    expect(fixed).toBe('8.8.8.0/28\n  8.8.8.8:80, 8.8.4.4\nwww.example.com');
  });

  it('stays as it is when the entry is not there any more', () => {
    expect(withFix(TEXT, { line: 2, column: 1, length: 10, input: '8.8.8.8:80' }, '8.8.8.8')).toBe(TEXT);
    expect(withFix(TEXT, { line: 9, column: 1, length: 1, input: 'x' }, 'y')).toBe(TEXT);
  });

  it('has all of a long entry replaced, of which only the beginning is told', () => {
    const long = 'a'.repeat(150);
    expect(withFix(`${long} b`, { line: 1, column: 1, length: 150, input: long.slice(0, 100) }, 'c')).toBe(
      'c b',
    );
  });

  it('loses the one line that somebody removes', () => {
    expect(withoutLine(TEXT, 2)).toBe('8.8.8.0/28\nwww.example.com');
  });
});

describe('options', () => {
  it('have ports by comma, blank or line', () => {
    expect(portList(' 22, 80\n8000-8100 443,,')).toEqual(['22', '80', '8000-8100', '443']);
    expect(portList('  ')).toEqual([]);
  });

  it('are read from JSON, and what is none is named', () => {
    expect(readOptions('{"timeout": 60}')).toEqual({ options: { timeout: 60 } });
    expect(readOptions('[1]')).toEqual({ problem: 'The options are an object: {…}' });
    expect(readOptions('{"timeout": ')).toMatchObject({
      problem: expect.stringContaining('This is no JSON'),
    });
  });
});
