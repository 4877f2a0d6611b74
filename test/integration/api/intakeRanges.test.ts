/** Requests whose few characters stand for very many ranges. */

import { describe, expect, it } from 'vitest';
import { readScan } from '../../../src/api/intake/bodyReader.ts';
import { type IntakeLimits, readIfQuick } from '../../../src/api/intake/intake.ts';
import { Compute } from '../../../src/runtime/compute.ts';
import { only, read, refused, VALID } from '../../support/readRequest.ts';

const LIMITS: IntakeLimits = { kind: 'scan', maxTargets: 16_777_216, allowSingleLabel: false };
const PATTERNS = Array.from({ length: 200 }, (_, i) => `*.*.${i + 1}.1`);
const bytes = (changes: object) => new TextEncoder().encode(JSON.stringify({ ...VALID, ...changes }));

describe('patterns in a request', () => {
  it('are too many in exclude when they come to more than a million ranges', () => {
    expect(only(read({ exclude: PATTERNS }))).toMatchObject({
      type: 'too_many_ranges',
      loc: ['body', 'exclude'],
      msg: expect.stringMatching(/13107200 .*"\*\.\*\.1\.1" alone stands for 65536/),
    });
    expect(read({ exclude: PATTERNS.slice(0, 15) }).ok).toBe(true);
    expect(read({ exclude: Array.from({ length: 200 }, () => '*.*.1.1') }).ok).toBe(true);
  });

  it('are not expanded beside other requests, however short the body is', async () => {
    const some = { hosts: PATTERNS.slice(0, 10) };
    expect(readIfQuick(bytes(some), LIMITS)).toBeUndefined();
    const compute = new Compute();
    const expected = read(some, LIMITS);
    expect(await readScan(compute, bytes(some), LIMITS)).toEqual(expected);
    expect(expected.ok).toBe(true);
    await compute.close();
  });

  it('are read at once when they are few', () => {
    for (const hosts of [['9.9.9.9'], ['10.0-3.*.1'], ['8.8.8.0/24', 'a.test'], ['no name']])
      expect(readIfQuick(bytes({ hosts }), LIMITS)).toEqual(read({ hosts }, LIMITS));
  });

  it('are not told from others by what is wrong, if that takes long', () => {
    const bad = Array.from({ length: 1_000 }, (_, i) => `8.8.8.${i + 300}`);
    for (const more of [{ hosts: bad }, { hosts: bad, on_invalid: 'skip' }, { exclude: bad }]) {
      expect(readIfQuick(bytes(more), LIMITS)).toBeUndefined();
      expect(readIfQuick(bytes({ ...more, hosts: bad.slice(0, 9), exclude: [] }), LIMITS)).toBeDefined();
    }
    expect(refused(read({ hosts: bad }, LIMITS)).total).toBe(1_000);
  });

  it('are too many in hosts beyond two million ranges', () => {
    expect(only(read({ hosts: PATTERNS }, LIMITS))).toMatchObject({ type: 'too_many_ranges' });
  });
});
