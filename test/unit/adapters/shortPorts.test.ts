import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shortPorts } from '../../../src/adapters/workers/shortPorts.ts';

const texts = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer({ min: 990, max: 66_000 }).map((length) => '80,'.repeat(length).slice(0, length)),
);

it('a spelling of ports is never long, the same for the same ports, another one for others, and itself when it is short', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(shortPorts(a).length).toBeLessThanOrEqual(1_000);
      expect(shortPorts(shortPorts(a))).toBe(shortPorts(a));
      expect(shortPorts(a) === shortPorts(b)).toBe(a === b);
      if (a.length <= 1_000) expect(shortPorts(a)).toBe(a);
    }),
  );
});
