import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, count, EMPTY, fromRanges, union } from '../../src/targets/addressSet.ts';
import { expandEntries } from '../../src/targets/expandEntries.ts';
import { applyScope, inScope } from '../../src/targets/scope.ts';

const setOf = (...entries: string[]) => expandEntries(entries).set;

describe('applyScope', () => {
  it('accepts everything reachable when there is no allowlist', () => {
    expect(applyScope(setOf('8.8.8.8', '10.0.0.1', 'fe80::1'), {})).toEqual({
      accepted: setOf('8.8.8.8'),
      private_ip: setOf('10.0.0.1', 'fe80::1'),
      forbidden: EMPTY,
    });
  });

  it('lets the registries win over the allowlist', () => {
    const scope = { allowed: setOf('8.8.8.0/24', '10.0.0.0/8', '2606:4700::/32') };
    expect(applyScope(setOf('8.8.8.8', '9.9.9.9', '10.0.0.1', '2606:4700::1', '2a00::1'), scope)).toEqual({
      accepted: setOf('8.8.8.8', '2606:4700::1'),
      private_ip: setOf('10.0.0.1'),
      forbidden: setOf('9.9.9.9', '2a00::1'),
    });
  });

  it('accepts nothing when the allowlist is empty', () => {
    expect(applyScope(setOf('8.8.8.8'), { allowed: EMPTY }).forbidden).toEqual(setOf('8.8.8.8'));
    expect(inScope(0x08080808, { allowed: EMPTY })).toBe(false);
  });

  it('puts each address into exactly one part, and inScope agrees', () => {
    // Around 10.0.0.0 and 11.0.0.0, where reachable and not reachable meet.
    const start = fc.oneof(
      fc.integer({ min: 0x09ffffe0, max: 0x0a000010 }),
      fc.integer({ min: 0x0affffe0, max: 0x0b000010 }),
    );
    const ranges = fc.array(
      fc.tuple(start, fc.nat(20)).map(([from, length]) => ({ start: from, end: from + length })),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(ranges, fc.option(ranges, { nil: undefined }), (targets, allowed) => {
        const set = fromRanges(targets);
        const scope = allowed === undefined ? {} : { allowed: fromRanges(allowed) };
        const { accepted, private_ip, forbidden } = applyScope(set, scope);
        expect(union(accepted, private_ip, forbidden)).toEqual(set);
        expect(count(accepted) + count(private_ip) + count(forbidden)).toBe(count(set));
        for (const address of addressesOf(accepted)) expect(inScope(address, scope)).toBe(true);
        for (const address of addressesOf(union(private_ip, forbidden)))
          expect(inScope(address, scope)).toBe(false);
      }),
    );
  });
});
