import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../src/runtime/errors.ts';
import { formatAddress } from '../../../src/targets/address/address.ts';
import { expandEntries } from '../../../src/targets/entries/expandEntries.ts';
import { addressesOf, count, EMPTY } from '../../../src/targets/sets/addressSet.ts';

const addresses = (...entries: string[]) => [...addressesOf(expandEntries(entries).set)].map(formatAddress);

describe('expandEntries', () => {
  it('loses nothing to an entry that begins alike', () => {
    expect(addresses('8.8.8.1', '8.8.8.0/24')).toHaveLength(254);
    expect(addresses('8.8.8.0/30', '8.8.8.0/28')).toHaveLength(14);
    expect(addresses('8.8.8.0', '8.8.8.0/30')).toEqual(['8.8.8.0', '8.8.8.1', '8.8.8.2']);
    expect(addresses('2001:db8::/127', '2001:db8::1')).toEqual(['2001:db8::', '2001:db8::1']);
  });

  it('gives the distinct names in their order', () => {
    expect(expandEntries(['b.test', 'A.test', '8.8.8.8', 'a.test.', 'Bücher.test'])).toEqual({
      set: { v4: Float64Array.of(0x08080808, 0x08080809), v6: [] },
      names: ['b.test', 'a.test', 'xn--bcher-kva.test'],
    });
    expect(expandEntries([])).toEqual({ set: EMPTY, names: [] });
  });

  it('costs the same for a large network as for a small one', () => {
    expect(count(expandEntries(['10.0.0.0/8', '2001:db8::/32']).set)).toBe(2n ** 24n - 2n + 2n ** 96n);
  });

  it('gives up on an entry that intake should have refused', () => {
    expect(() => expandEntries(['8.8.8.8', '8.8.8.300'])).toThrow(PermanentError);
  });

  it('yields exactly what a naive reading yields', () => {
    const entry = fc.tuple(fc.nat(255), fc.option(fc.integer({ min: 24, max: 32 }), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const naive = new Set(entries.flatMap(([octet, prefix]) => naiveHosts(octet, prefix)));
        const typed = entries.map(
          ([octet, prefix]) => `8.8.8.${octet}${prefix === undefined ? '' : `/${prefix}`}`,
        );
        expect(addresses(...typed)).toEqual(
          [...naive].sort((a, b) => a - b).map((octet) => `8.8.8.${octet}`),
        );
      }),
      { numRuns: 500 },
    );
  });
});

/** The last octets of the hosts in 8.8.8.`octet`/`prefix`, counted one by one. */
function naiveHosts(octet: number, prefix: number | undefined): number[] {
  if (prefix === undefined) return [octet];
  const size = 2 ** (32 - prefix);
  const all = Array.from({ length: 256 }, (_, i) => i).filter(
    (i) => Math.floor(i / size) === Math.floor(octet / size),
  );
  return size > 2 ? all.slice(1, -1) : all;
}
