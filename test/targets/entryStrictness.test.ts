import { isIP, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryResult } from '../../src/targets/entry.ts';
import { parseEntry } from '../../src/targets/entry.ts';

/** What the URL standard, the most lenient reader, makes of a name; '' when it is none (`xn--0` decodes to nothing). */
function hostOfUrl(name: string): string {
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '';
}

/** What a strict reader, made of other parts than ours, says about an accepted entry. */
function expectStrict(typed: string, parsed: EntryResult): void {
  if (!parsed.ok) {
    expect(isIP(typed) !== 0 && !typed.includes('%')).toBe(false);
    expect(parsed.problem.length + (parsed.suggestion ?? '').length).toBeLessThan(250);
    return;
  }
  const { entry } = parsed;
  const [left = '', right = '', ...more] = typed.split('/');
  expect(parseEntry(entry.normal)).toEqual(parsed);
  if (entry.kind === 'name') {
    expect(entry.normal).toMatch(
      /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/,
    );
    expect(entry.normal.length).toBeLessThanOrEqual(253);
    expect(isIP(hostOfUrl(entry.normal))).toBe(0);
    if (/^[ -~]*$/.test(typed)) expect(entry.normal).toBe(typed.toLowerCase().replace(/\.$/, ''));
    return;
  }
  expect(isIP(left) !== 0 && !left.includes('%')).toBe(true);
  expect(more).toEqual([]);
  if (entry.kind === 'address') expect(typed).toBe(left);
  else if (/^\d+$/.test(right)) expect(Number(right)).toBeLessThanOrEqual(isIPv6(left) ? 128 : 32);
  else expect(isIPv4(left) && isIPv4(right)).toBe(true);
}

describe('any text at all', () => {
  const parts = fc.constantFrom(
    ...['0', '1', '8', '08', '255', '256', '0x8', 'a', 'fe80', 'ffff', 'Z', 'ü', '８', '٣', 'xn--', '-', '_'],
    ...[
      '.',
      '.',
      '.',
      '.',
      ':',
      ':',
      '::',
      '/',
      '/',
      '%',
      ' ',
      '\n',
      '[',
      ']',
      '。',
      '@',
      '\u00ad',
      'http://',
    ],
  );
  const octets = fc.array(fc.constantFrom('0', '1', '9', '00', '255', '256'), { minLength: 3, maxLength: 5 });
  const nearNetwork = fc
    .tuple(
      octets,
      fc.constantFrom('', '/', '/0', '/24', '/32', '/33', '/255.255.0.0', '/0.0.0.255', '/0.1.0.0'),
    )
    .map(([left, right]) => `${left.join('.')}${right}`);

  it.each([
    ['pieces of entries', fc.array(parts, { maxLength: 12 }).map((list) => list.join('')), 50_000],
    ['nearly networks', nearNetwork, 20_000],
    ['Unicode', fc.string({ unit: 'binary', maxLength: 30 }), 30_000],
  ] as const)('%s: never throws, and is accepted only as a strict reader would', (_, texts, numRuns) => {
    fc.assert(
      fc.property(texts, (typed) => expectStrict(typed, parseEntry(typed))),
      { numRuns },
    );
  });
});
