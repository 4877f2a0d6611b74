import { expect, it } from 'vitest';
import { readExclusions, readRemoved } from '../../../src/api/exclusions/body.ts';

const USER = { id: 'u1', username: 'alice' };
const NOW = new Date('2026-11-26T12:00:00Z');
const bytes = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const read = (body: unknown) => readExclusions(bytes(body), USER, NOW, {});

function problemsOf(result: ReturnType<typeof read> | ReturnType<typeof removed>) {
  return result.ok ? [] : result.errors.listed;
}
const removed = (body: unknown) => readRemoved(bytes(body));

it('an end counts for one entry, or for all that have none of their own', () => {
  const result = read({
    hosts: [{ entry: '8.8.8.1', until: '2026-12-24T18:00+02' }, '8.8.8.2', { entry: '8.8.8.3', until: null }],
    why: 'annex B',
    until: '2026-12-31',
  });
  expect(result.ok && [...result.value.values()].map(({ until }) => until)).toEqual([
    '2026-12-24T16:00:00.000Z',
    '2027-01-01T00:00:00.000Z',
    null,
  ]);
});

it('a bad end is refused where it stands', () => {
  const body = {
    hosts: [{ entry: '8.8.8.1', until: '2027-02-30' }, '8.8.8.2'],
    why: 'x',
    until: '2027-01-01T10:00',
  };
  expect(problemsOf(read(body))).toMatchObject([
    { type: 'value_error', loc: ['body', 'hosts', 0, 'until'], msg: 'there is no day 2027-02-30' },
    { type: 'value_error', loc: ['body', 'until'], msg: expect.stringMatching(/no zone/) },
  ]);
});

it('a day that has passed is no end, today is one', () => {
  expect(read({ hosts: ['8.8.8.1'], why: 'x', until: '2026-11-26' }).ok).toBe(true);
  expect(problemsOf(read({ hosts: ['8.8.8.1'], why: 'x', until: '2026-11-25' }))).toMatchObject([
    { loc: ['body', 'hosts', 0, 'until'], msg: 'it is not in the future' },
  ]);
});

it('a field that is not known is refused in every object of the body', () => {
  const more = { untill: '2027-01-01' };
  const unknown = (loc: (string | number)[], fields: string) => [
    { type: 'object.unknown', loc: ['body', ...loc], msg: `not known here; the fields are ${fields}` },
  ];
  expect(problemsOf(read({ hosts: ['8.8.8.1'], why: 'x', ...more }))).toMatchObject(
    unknown(['untill'], 'hosts, why, until, locked and running'),
  );
  expect(problemsOf(read({ hosts: [{ entry: '8.8.8.1', why: 'x', ...more }] }))).toMatchObject(
    unknown(['hosts', 0, 'untill'], 'entry, why, until and locked'),
  );
  expect(problemsOf(removed({ hosts: ['8.8.8.1'], ...more }))).toMatchObject(unknown(['untill'], 'hosts'));
});
