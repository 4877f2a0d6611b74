import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readUntil } from '../../../src/api/exclusions/until.ts';

it.each([
  ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
  ['2027-01-31T18:00:00.123456Z', '2027-01-31T18:00:00.123Z'],
  ['2027-01-31T18:00:00,5Z', '2027-01-31T18:00:00.500Z'],
  ['2027-01-31T18:00Z', '2027-01-31T18:00:00.000Z'],
  ['2027-01-31t18:00z', '2027-01-31T18:00:00.000Z'],
  ['2027-01-31T18:00+02', '2027-01-31T16:00:00.000Z'],
  ['2027-01-31T18:00+0200', '2027-01-31T16:00:00.000Z'],
  ['2027-01-31T18:00:00-05:30', '2027-01-31T23:30:00.000Z'],
  ['2027-01-01T01:00+02:00', '2026-12-31T23:00:00.000Z'],
  [' 2027-01-31 18:00:00 +0200 ', '2027-01-31T16:00:00.000Z'],
  ['2027-01-31', '2027-02-01T00:00:00.000Z'],
  ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ['9999-12-31', '9999-12-31T23:59:59.999Z'],
  ['9999-12-31T23:00-05:00', '9999-12-31T23:59:59.999Z'],
])('the end %j is %s', (typed, until) => {
  expect(readUntil(typed)).toEqual({ ok: true, until });
});

it.each([
  ['2027-02-30', /no day 2027-02-30/],
  ['2027-02-29T18:00Z', /no day 2027-02-29/],
  ['2027-13-01', /no day/],
  ['2027-00-10', /no day/],
  ['0000-01-01', /no day/],
  ['2027-01-31T18:00:00', /no zone.*2027-01-31T18:00:00Z/],
  ['2027-01-31 18:00', /no zone/],
  ['2027-01-31T24:00Z', /no time of day/],
  ['2027-01-31T18:60Z', /no time of day/],
  ['2027-01-31T18:00:60Z', /no time of day/],
  ['2027-01-31T18Z', /no time of day/],
  ['2027-01-31Z', /no time of day/],
  ['2027-01-311', /no time of day/],
  ['2027-01-31T18:00CET', /"CET" is no zone/],
  ['2027-01-31T18:00 Europe/Berlin', /is no zone/],
  ['2027-01-31T18:00+15', /is no zone/],
  ['2027-01-31T18:00+02:60', /is no zone/],
  ['2027', /no date/],
  ['2027-01', /no date/],
  ['2027-W05-1', /no date/],
  ['20270131', /no date/],
  ['+002027-01-31', /no date/],
  ['31.01.2027', /no date/],
  ['1801440000', /no date/],
  ['tomorrow', /no date/],
  ['', /no date/],
])('the end %j is refused', (typed, problem) => {
  expect(readUntil(typed)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
});

it('the reader agrees with the language about every moment that it can write, and never throws', () => {
  const moments = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(moments, (date) => {
      expect(readUntil(date.toISOString())).toEqual({ ok: true, until: date.toISOString() });
    }),
  );
  const like = fc.stringMatching(
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,4})?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/,
  );
  fc.assert(
    fc.property(fc.oneof(like, fc.string()), (text) => {
      const read = readUntil(text);
      if (read.ok) expect(new Date(read.until).toISOString()).toBe(read.until);
    }),
    { numRuns: 1_000 },
  );
});
