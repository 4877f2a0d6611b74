import { describe, expect, it } from 'vitest';
import { csvLine } from '../../../src/api/http/csv.ts';

describe('a line of CSV', () => {
  it('ends as RFC 4180 says, and quotes only what needs it', () => {
    expect(csvLine(['a', '', 'b c'])).toBe('a,,b c\r\n');
    expect(csvLine(['a,b', 'say "x"', 'two\nlines'])).toBe('"a,b","say ""x""","two\nlines"\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\uff1d1+1'])('is no formula: %j', (cell) => {
    expect(csvLine([cell]).replaceAll('"', '').trimEnd()).toBe(`'${cell}`.trimEnd());
  });

  it('quotes what is neutralised when that needs it too', () => {
    expect(csvLine(['=HYPERLINK("http://x","y")'])).toBe('"\'=HYPERLINK(""http://x"",""y"")"\r\n');
  });
});
