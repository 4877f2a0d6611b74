import type { AddressRange, AddressSet } from './addressSet.ts';
import { countUpTo, type Intervals } from './intervals.ts';

/** Counts how much of a range is in a set, in O(log n) each, after one pass over the set. */
export class RangeCounts {
  readonly #set: AddressSet;
  /** By range: addresses in all ranges before it. */
  readonly #before4: number[];
  readonly #before6: bigint[];

  constructor(set: AddressSet) {
    this.#set = set;
    this.#before4 = sums(set.v4, 0);
    this.#before6 = sums(set.v6, 0n);
  }

  within({ start, end }: AddressRange): bigint {
    if (typeof start === 'number' && typeof end === 'number') {
      const below = (value: number) => countBelow(this.#set.v4, this.#before4, value, 0);
      return BigInt(below(end) - below(start));
    }
    const below = (value: bigint) => countBelow(this.#set.v6, this.#before6, value, 0n);
    return below(BigInt(end)) - below(BigInt(start));
  }
}

function sums<T extends number | bigint>(boundaries: Intervals<T>, zero: T): T[] {
  const before: T[] = [];
  let sum = zero;
  for (let i = 0; i < boundaries.length; i += 2) {
    before.push(sum);
    sum = plus(sum, (boundaries[i + 1] as T) - (boundaries[i] as T));
  }
  before.push(sum);
  return before;
}

/** Addresses of the set that are less than `value`. */
function countBelow<T extends number | bigint>(
  boundaries: Intervals<T>,
  before: readonly T[],
  value: T,
  zero: T,
): T {
  const passed = countUpTo(boundaries, value);
  const ranges = passed >>> 1;
  const inside = passed % 2 === 1 ? ((value - (boundaries[passed - 1] as T)) as T) : zero;
  return plus(before[ranges] as T, inside);
}

/** TypeScript knows no sum of two values of one type that may be either. */
function plus<T extends number | bigint>(a: T, b: number | bigint): T {
  return ((a as number) + (b as number)) as T;
}
