import fc from 'fast-check';
import { expect, it } from 'vitest';
import { combined, isFinal } from '../../../src/adapters/dns/resolution.ts';
import type { Failure, Resolution } from '../../../src/model/resolution.ts';

const failures: Failure[] = [
  ...(['nxdomain', 'nodata', 'badname', 'cname_loop', 'cname_too_long'] as const),
  ...(['servfail', 'refused', 'other', 'timeout', 'unreachable'] as const),
];
const failed = fc.constantFrom(...failures).map((failure): Resolution => ({ failure, chain: [] }));
const found = (address: string): Resolution => ({ addresses: [address], chain: [], ttlS: 60, atMs: 1 });
const one = (address: string) => fc.oneof(failed, fc.constant(found(address)));
const saysNo = (resolution: Resolution) =>
  'failure' in resolution && ['nxdomain', 'nodata'].includes(resolution.failure);

it('both families count as answered only when each has addresses, or is said to have none', () => {
  fc.assert(
    fc.property(one('11.0.0.1'), one('2400:1:2::1'), (v4, v6) => {
      const both = combined(v4, v6);
      const answered = [v4, v6].map((each) => !('failure' in each) || saysNo(each));
      if ('failure' in both) {
        expect(saysNo(both)).toBe(answered.every(Boolean));
        expect(isFinal(both)).toBe(isFinal(v4) && isFinal(v6));
      } else expect(both.unanswered === undefined).toBe(answered.every(Boolean));
    }),
  );
});
