import { Uint32List } from '../address/uint32List.ts';
import { type AddressRange, type AddressSet, sortBigints } from './addressSet.ts';
import { merge } from './intervals.ts';

/** Collects ranges in any order into one set; a million IPv4 ranges take eight megabytes meanwhile. */
export class AddressSetBuilder {
  readonly #starts4 = new Uint32List();
  /** The last address of each range, because the end of the last one of all would not fit in. */
  readonly #lasts4 = new Uint32List();
  readonly #starts6: bigint[] = [];
  readonly #ends6: bigint[] = [];

  /** Overlaps and empty ranges are fine. The range is of one family and inside its space. */
  add({ start, end }: AddressRange): void {
    if (start >= end) return;
    if (typeof start === 'number' && typeof end === 'number') {
      this.#starts4.push(start);
      this.#lasts4.push(end - 1);
    } else {
      this.#starts6.push(BigInt(start));
      this.#ends6.push(BigInt(end));
    }
  }

  addIpv4(address: number): void {
    this.#starts4.push(address);
    this.#lasts4.push(address);
  }

  /** The union of what was added. */
  toSet(): AddressSet {
    const starts4 = this.#starts4.values().sort();
    const ends4 = new Float64Array(this.#lasts4.values().sort());
    for (let i = 0; i < ends4.length; i++) ends4[i] = (ends4[i] as number) + 1;
    const v6 = merge<bigint>(sortBigints([...this.#starts6]), sortBigints([...this.#ends6]));
    return { v4: merge<number>(starts4, ends4), v6 };
  }
}
