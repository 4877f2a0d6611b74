import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPorts, portsString } from '../../../src/nmap/ports.ts';

describe('portsString', () => {
  it('joins by one space, in the order and spelling sent', () => {
    expect(portsString(['80', '22', '80', '1-9'])).toBe('80 22 80 1-9');
    expect(portsString([])).toBe('');
  });
});

describe('canonicalPorts', () => {
  it.each([
    [[], ''],
    [['80'], '80'],
    [['443', '80'], '80,443'],
    [['81', '80', '80-81'], '80-81'],
    [['1-5', '6-9'], '1-9'],
    [['1-65535', '80'], '1-65535'],
    [['080', '80-80'], '80'],
    [['9', '100', '20'], '9,20,100'],
  ])('%j is %j', (ports, canonical) => {
    expect(canonicalPorts(ports)).toBe(canonical);
  });

  it('is equal exactly when the sets are equal', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.nat(3))
      .map(([a, more]) => [a, a + more] as const);
    const spell = (ranges: (readonly [number, number])[]) =>
      ranges.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`));
    const members = (ranges: (readonly [number, number])[]) => {
      const all = new Set<number>();
      for (const [a, b] of ranges) for (let port = a; port <= b; port++) all.add(port);
      return [...all].sort((a, b) => a - b).join();
    };
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.array(range, { maxLength: 4 }), (a, b) => {
        expect(canonicalPorts(spell(a)) === canonicalPorts(spell(b))).toBe(members(a) === members(b));
      }),
      { numRuns: 3_000 },
    );
  });
});
