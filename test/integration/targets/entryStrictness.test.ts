import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EntryResult, parseEntry, rangesOfEntry } from '../../../src/targets/entries/entry.ts';
import { readStrictly } from './strictReader.ts';

/** What the URL standard, the most lenient reader, makes of a name; '' when it is none (`xn--0` decodes to nothing). */
function hostOfUrl(name: string): string {
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '';
}

const NAME = /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** An accepted entry means what a strict reader says, and what the strict reader understands is accepted. */
function expectStrict(typed: string, parsed: EntryResult): void {
  if (!parsed.ok) {
    const strict = readStrictly(typed);
    if (strict !== undefined && strict.ranges.length <= 65_536) throw new Error(`refused: ${typed}`);
    if (parsed.problem.length + (parsed.suggestion ?? '').length > 400) throw new Error(`too long: ${typed}`);
    return;
  }
  const { entry } = parsed;
  const again = parseEntry(entry.normal);
  if (!again.ok || again.entry.normal !== entry.normal || again.entry.kind !== entry.kind)
    throw new Error(`${typed}: ${entry.normal} is read as something else`);
  if (entry.kind === 'name') {
    if (!NAME.test(entry.normal) || entry.normal.length > 253) throw new Error(`no name: ${typed}`);
    if (isIP(hostOfUrl(entry.normal)) !== 0) throw new Error(`an address to others: ${typed}`);
    if (/^[ -~]*$/.test(typed)) expect(entry.normal).toBe(typed.toLowerCase().replace(/\.$/, ''));
    return;
  }
  const strict = readStrictly(typed);
  if (strict === undefined) {
    // The strict reader does not count beyond some hundred thousand addresses; the characters must be right.
    if (/^[\d.,*-]+$/.test(typed)) return;
    throw new Error(`accepted: ${typed}`);
  }
  const ranges = rangesOfEntry(entry, { networkAndBroadcast: true }).map(({ start, end }) => {
    return [BigInt(start), BigInt(end) - 1n, typeof start === 'number' ? 4 : 6];
  });
  expect(ranges).toEqual(strict.ranges.map(([first, last]) => [first, last, strict.family]));
}

/** The same numbers in every run (xorshift). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const ALPHABETS = {
  'octets and what separates them': [
    '1.2.',
    '3.4.',
    '0',
    '1',
    '9',
    '25',
    '255',
    '256',
    '08',
    '.',
    '.',
    '.',
    '.',
    '-',
    ',',
    '*',
    '/',
  ],
  'shapes of addresses': [
    ...[
      '10.0.0.',
      '255.255.',
      '1',
      '2',
      '0',
      '3',
      '-',
      '-',
      ',',
      '.',
      '/',
      '/24',
      '/255.255.0.0',
      '*',
      '10.0.0.9',
    ],
    ...['10.0-3.', '.1,5,9', '.*', '1-9', '-5', '5-', 'a::', '::ffff:', '::1', 'a::1-', ':', '%eth0'],
  ],
  IPv6: ['::', ':', ':', ':', 'a', '0', 'ffff', '1', '10.0.0.1', '-', '/', '/64', '%', '[', ']', 'g'],
  names: [
    'a',
    'Z',
    'test',
    '.',
    '.',
    '-',
    '_',
    'xn--',
    'ü',
    'а',
    '\u03bf',
    '8',
    '1',
    '0x',
    ':80',
    'http://',
    '/',
  ],
  Unicode: [
    '８',
    '٣',
    '。',
    '．',
    '\u00ad',
    '\u202e',
    '\u0000',
    '\ud800',
    '\u200d',
    '日',
    '1',
    '.',
    'a',
    ' ',
    '\n',
    '\ufeff',
    '🙂',
  ],
} as const;

describe('any text at all', () => {
  it.each(Object.entries(ALPHABETS))('means what a strict reader says: 200,000 texts of %s', (_, pieces) => {
    const random = numbersFrom(20_261_103);
    let accepted = 0;
    for (let i = 0; i < 200_000; i++) {
      let typed = '';
      for (let length = random(14); length >= 0; length--) typed += pieces[random(pieces.length)];
      const parsed = parseEntry(typed);
      if (parsed.ok) accepted += 1;
      // The second reading takes its time: each accepted text, and every tenth of the others.
      if (parsed.ok || i % 10 === 0) expectStrict(typed, parsed);
    }
    expect(accepted).toBeGreaterThan(100);
  });

  it('means what a strict reader says, in Unicode of all planes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(text, (typed) => expectStrict(typed, parseEntry(typed))),
      { numRuns: 30_000 },
    );
  });

  it('that is a plain name is read alike the short way, and the long one that capitals take', () => {
    const label = fc.string({
      unit: fc.constantFrom(...'abfx0189_-', 'xn--', '0x'),
      minLength: 1,
      maxLength: 5,
    });
    const long = fc.constantFrom(60, 61, 62, 63, 64).map((length) => 'a'.repeat(length));
    const labels = fc.array(fc.oneof({ weight: 9, arbitrary: label }, long), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(labels, fc.boolean(), (all, allowSingleLabel) => {
        const typed = all.join('.');
        const capitals = parseEntry(typed.toUpperCase(), { allowSingleLabel });
        const plain = parseEntry(typed, { allowSingleLabel });
        expect(plain.ok).toBe(capitals.ok);
        if (plain.ok) expect(plain).toEqual(capitals);
      }),
      { numRuns: 20_000 },
    );
  });

  it('looks at the length before it looks at 30 MB', () => {
    for (const piece of ['1.', ' ', ':', '/', 'ü', '-', '[', '%', ',', '*', '0', '1-'])
      expect(parseEntry(piece.repeat(Math.floor(30_000_000 / piece.length))).ok).toBe(false);
  });

  it('is quick with the longest texts that it looks at', () => {
    for (const piece of [
      '1.',
      ':',
      '::',
      '/',
      'ü',
      'xn--',
      '-',
      '[',
      '%',
      ',',
      '*',
      '0',
      '01.',
      '1-',
      'a.',
      '٣',
      'http:',
    ])
      for (let i = 0; i < 200; i++) parseEntry(piece.repeat(Math.floor(4_096 / piece.length)));
  });
});

describe('suggestions', () => {
  const meant = (typed: string) => {
    const result = parseEntry(typed);
    return result.ok ? 'read' : result.suggestion;
  };

  it('follow from each other a few times only', () => {
    expect(meant('- • 8.8.8.8')).toBe('8.8.8.8');
    expect(meant(`${'• '.repeat(9)}8.8.8.8`)).toBeUndefined();
    expect(meant(`${Array.from({ length: 9 }, (_, i) => `${i + 30}-${i + 3}`)}.1.1.1`)).toBeUndefined();
  });

  it('are not made of long texts, and are short', () => {
    expect(meant('8.8.8.8; 9.9.9.9')).toBe('8.8.8.8, 9.9.9.9');
    expect(meant('8.8.8.8;'.repeat(100))).toBeUndefined();
    for (const mark of [';', '• ', '9-1,', '"', '! ', 'http://', '0', '-', '8.8.8.8 '])
      for (const length of [10, 299, 4_096]) {
        const result = parseEntry(mark.repeat(length).slice(0, length));
        if (result.ok) continue;
        expect(result.problem.length).toBeLessThanOrEqual(500);
        expect(result.suggestion?.length ?? 0).toBeLessThanOrEqual(1_000);
      }
  });
});
