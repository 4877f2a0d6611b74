import fc from 'fast-check';
import { expect, it } from 'vitest';
import { longListWarnings, taskNames } from '../../../src/targets/taskNames.ts';

const LIMIT = 65_536;
const bytesOf = (names: readonly string[]) => Buffer.byteLength(JSON.stringify(names));
const lists = fc
  .tuple(fc.integer({ min: 1, max: 253 }), fc.integer({ min: 0, max: 3_000 }))
  .map(([length, count]) => Array.from({ length: count }, (_, i) => `${i}`.padStart(length, 'a')));

it('a task carries as many names as fit, from the beginning', () => {
  fc.assert(
    fc.property(lists, (names) => {
      const carried = taskNames(names);
      expect(bytesOf(carried)).toBeLessThanOrEqual(LIMIT);
      expect(carried).toEqual(names.slice(0, carried.length));
      if (carried.length < names.length)
        expect(bytesOf(names.slice(0, carried.length + 1))).toBeGreaterThan(LIMIT);
    }),
    { numRuns: 200 },
  );
});

it('what does not fit is counted and told, address by address', () => {
  const many = Array.from({ length: 2_000 }, (_, i) => `${i}.example.test`.padStart(62, 'a'));
  expect(longListWarnings(new Map([['9.9.9.9', many.slice(0, 1_000)]]))).toEqual([]);
  expect(longListWarnings(new Map([['9.9.9.9', many]]))).toEqual([
    {
      code: 'many_names',
      message:
        '9.9.9.9 has 2000 names, its task carries the first 1008: the limit is 65536 bytes of names for each task. The list of targets has all of them',
    },
  ]);
  const addresses = new Map(Array.from({ length: 25 }, (_, i) => [`9.9.9.${i}`, many]));
  const warnings = longListWarnings(addresses);
  expect(warnings.length).toBe(21);
  expect(warnings.at(-1)?.message).toMatch(/^5 more addresses/);
});
