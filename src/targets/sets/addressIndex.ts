import type { Address } from '../address/address.ts';
import type { AddressSet } from './addressSet.ts';
import { countUpTo, type Intervals } from './intervals.ts';

/** The addresses of a set by number: ascending, IPv4 first, from 0. Each question costs O(log n). */
export interface AddressIndex {
  /** How many there are; exact below 2^53. */
  size: number;
  /** Throws RangeError beyond the set. */
  at(index: number): Address;
  /** undefined: the set does not have it. */
  indexOf(address: Address): number | undefined;
}

/** Sums the range lengths once: O(n) in the number of ranges. */
export function addressIndex({ v4, v6 }: AddressSet): AddressIndex {
  const before4 = lengthsBefore(v4, 0);
  const before6 = lengthsBefore(v6, before4.at(-1) ?? 0);
  const first6 = before6[0] ?? 0;
  const size = before6.at(-1) ?? 0;
  return {
    size,
    at(index) {
      if (!Number.isSafeInteger(index) || index < 0 || index >= size)
        throw new RangeError(`index ${index} is not in a set of ${size} addresses`);
      if (index < first6) {
        const range = countUpTo(before4, index) - 1;
        return (v4[2 * range] as number) + index - (before4[range] as number);
      }
      const range = countUpTo(before6, index) - 1;
      return (v6[2 * range] as bigint) + BigInt(index - (before6[range] as number));
    },
    indexOf(address) {
      const passed = typeof address === 'number' ? countUpTo(v4, address) : countUpTo(v6, address);
      if (passed % 2 === 0) return undefined;
      const range = (passed - 1) / 2;
      if (typeof address === 'number')
        return (before4[range] as number) + address - (v4[2 * range] as number);
      return (before6[range] as number) + Number(address - (v6[2 * range] as bigint));
    },
  };
}

/** By range: how many addresses there are before it, `start` included; behind them the sum of all. */
function lengthsBefore<T extends number | bigint>(boundaries: Intervals<T>, start: number): Float64Array {
  const before = new Float64Array(boundaries.length / 2 + 1);
  let sum = start;
  for (let range = 0; range < before.length - 1; range++) {
    before[range] = sum;
    // Beyond 2^53 the sum is no longer exact, but no index can reach there either.
    sum += Number((boundaries[2 * range + 1] as T) - (boundaries[2 * range] as T));
  }
  before[before.length - 1] = sum;
  return before;
}
