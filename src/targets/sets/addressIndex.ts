import type { Address } from '../address/address.ts';
import type { AddressRange, AddressSet } from './addressSet.ts';
import { contains, countUpTo, type Intervals } from './intervals.ts';

/** The addresses of a set by number: ascending, IPv4 first, from 0. Each question costs O(log n). */
export interface AddressIndex {
  /** How many there are; exact below 2^53. */
  size: number;
  /** Throws RangeError beyond the set. */
  at(index: number): Address;
  /** undefined: the set does not have it. */
  indexOf(address: Address): number | undefined;
  /** How many of them come before an address. */
  below(address: Address): number;
  /** How many addresses of a range the set has. */
  within(range: AddressRange): bigint;
}

/** Sums the range lengths once: O(n) in the number of ranges. */
export function addressIndex({ v4, v6 }: AddressSet): AddressIndex {
  const before4 = lengthsBefore(v4, 0);
  const before6 = lengthsBefore(v6, before4.at(-1) ?? 0);
  const first6 = before6[0] ?? 0;
  const size = before6.at(-1) ?? 0;
  const below = (address: Address) =>
    typeof address === 'number' ? countBelow(v4, before4, address) : countBelow(v6, before6, address);
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
      const isThere = typeof address === 'number' ? contains(v4, address) : contains(v6, address);
      return isThere ? below(address) : undefined;
    },
    below,
    within: ({ start, end }) => BigInt(below(end) - below(start)),
  };
}

/** How many addresses of the set come before one. */
function countBelow<T extends number | bigint>(
  boundaries: Intervals<T>,
  before: Float64Array,
  address: T,
): number {
  const passed = countUpTo(boundaries, address);
  const whole = before[passed >>> 1] as number;
  return passed % 2 === 0 ? whole : whole + Number(address - (boundaries[passed - 1] as T));
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
