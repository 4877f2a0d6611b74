import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ResolvedName } from '../../../src/model/submission.ts';
import {
  decodeResolution,
  decodeResolved,
  encodeResolution,
  encodeResolved,
} from '../../../src/targets/resolutionCodec.ts';

const name = fc.stringMatching(/^[a-z0-9_]{1,12}(\.[a-z0-9_-]{1,12}){0,3}$/);
const address = fc.oneof(fc.ipV4(), fc.constant('2606:4700::1'), fc.constant('::1'));
/** What a server may call a host: anything printable but blanks and commas. */
const target = fc.oneof(name, fc.constantFrom('*', '!', '!*'), fc.stringMatching(/^[!-+\--~]{1,20}$/));
const chain = fc.array(target, { maxLength: 16 });
const answer = fc.record({
  addresses: fc.array(address, { minLength: 1, maxLength: 5 }),
  chain,
  ttlS: fc.nat(2 ** 31 - 1),
  atMs: fc.integer({ min: 1, max: 8.64e15 }),
});
const failure = fc.record({
  failure: fc.constantFrom('nxdomain', 'nodata', 'servfail', 'timeout', 'cname_loop', 'badname' as const),
  chain,
});
const resolved = fc.tuple(
  name,
  fc.oneof(
    answer,
    failure,
    answer.map((each) => ({ ...each, wildcard: true as const })),
    answer.map((each) => ({ ...each, unanswered: { family: '6' as const, failure: 'servfail' as const } })),
  ),
);

it('a text gives back whatever names came to', () => {
  fc.assert(
    fc.property(fc.array(resolved, { maxLength: 20 }), (names) => {
      const typed: readonly ResolvedName[] = names;
      expect(decodeResolved(encodeResolved(typed))).toEqual(typed);
    }),
  );
});

it('a text gives back an answer', () => {
  fc.assert(
    fc.property(answer, (each) => {
      expect(decodeResolution(encodeResolution(each))).toEqual(each);
    }),
  );
});

it.each([
  '',
  'x',
  '1700000000000',
  '1700000000000 60',
  '1700000000000 60 8.8.8.8',
  '1700000000000 60  a.example.com',
  '1700000000000 60 8.8.8.8,what ',
  '1700000000000 60 08.8.8.8 ',
  'soon 60 8.8.8.8 ',
  '0 60 8.8.8.8 ',
  '1700000000000 -1 8.8.8.8 ',
  '1700000000000 long 8.8.8.8 ',
  '{"addresses":["8.8.8.8"]}',
])('the text %j is no answer', (text) => {
  expect(decodeResolution(text)).toBeUndefined();
  expect(() => decodeResolved(`a.example.com ${text}`)).toThrow('a.example.com');
});

it('no line is read without a name', () => {
  expect(() => decodeResolved(' 1700000000000 60 8.8.8.8 ')).toThrow('broken');
});
