import { IPV4_END, IPV6_END } from '../address/address.ts';
import { Uint32List } from '../address/uint32List.ts';
import type { AddressRange, AddressSet } from './addressSet.ts';
import { merge, sortBigints } from './intervals.ts';

/** Collects ranges in any order; a million IPv4 ranges take eight megabytes meanwhile. */
export class AddressSetBuilder {
  readonly #starts4 = new Uint32List();
  /** The last address of each range, because the end of the last one of all would not fit in. */
  readonly #lasts4 = new Uint32List();
  readonly #starts6: bigint[] = [];
  readonly #ends6: bigint[] = [];

  /**
   * Overlaps are fine, and an empty range adds nothing.
   *
   * @throws RangeError when the range mixes families or leaves the address space
   */
  add({ start, end }: AddressRange): void {
    if (typeof start === 'number' && typeof end === 'number' && start >= 0 && end <= IPV4_END) {
      if (start >= end) return;
      this.#starts4.push(start);
      this.#lasts4.push(end - 1);
    } else if (typeof start === 'bigint' && typeof end === 'bigint' && start >= 0n && end <= IPV6_END) {
      if (start >= end) return;
      this.#starts6.push(start);
      this.#ends6.push(end);
    } else throw new RangeError(`${start} to ${end} is no range of one address family`);
  }

  addIpv4(address: number): void {
    this.#starts4.push(address);
    this.#lasts4.push(address);
  }

  /** What was added of IPv4, in that order. */
  v4(): { starts: Uint32Array; ends: Float64Array } {
    const ends = new Float64Array(this.#lasts4.view());
    for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) + 1;
    return { starts: this.#starts4.view(), ends };
  }

  /** {@link v4} for IPv6. */
  v6(): { starts: bigint[]; ends: bigint[] } {
    return { starts: this.#starts6, ends: this.#ends6 };
  }

  /** The union of what was added: one sort and one pass. */
  toSet(): AddressSet {
    // A typed array sorts numbers without calling back: ten times faster on a million.
    const [v4, v6] = [this.v4(), this.v6()];
    return {
      v4: merge<number>(v4.starts.slice().sort(), v4.ends.sort()),
      v6: merge<bigint>(sortBigints([...v6.starts]), sortBigints([...v6.ends])),
    };
  }
}
