import { Uint32List } from '../address/uint32List.ts';
import { type AddressRange, sortBigints } from '../sets/addressSet.ts';
import { filled, type Intervals, roomFor } from '../sets/intervals.ts';

/** Ranges of one family with their labels. */
export interface LabelledFamily<T extends number | bigint> {
  starts: ArrayLike<T>;
  endAt(index: number): T;
  labels: ArrayLike<number>;
  /** Their indexes by ascending label; undefined: they stand so already. */
  order: Uint32Array | undefined;
  /** All starts and ends, ascending, each once. */
  cuts: Intervals<T>;
}

/** Collects ranges with their labels, in any order; an IPv4 range takes twelve bytes. */
export class LabelledList {
  readonly #starts4: Uint32List;
  /** The last address of each range, because the end of the last one of all would not fit in. */
  readonly #lasts4: Uint32List;
  readonly #labels4: Uint32List;
  readonly #starts6: bigint[] = [];
  readonly #ends6: bigint[] = [];
  readonly #labels6 = new Uint32List();

  /** @param expected how many IPv4 ranges there may be */
  constructor(expected?: number) {
    this.#starts4 = new Uint32List(expected);
    this.#lasts4 = new Uint32List(expected);
    this.#labels4 = new Uint32List(expected);
  }

  /** The ranges of label 0, of label 1, ... */
  static of(rangesByLabel: readonly (readonly AddressRange[])[]): LabelledList {
    const list = new LabelledList();
    for (const [label, ranges] of rangesByLabel.entries()) for (const range of ranges) list.add(label, range);
    return list;
  }

  get length(): number {
    return this.#starts4.length + this.#starts6.length;
  }

  /** An empty range is fine. The range is of one family and inside its space. */
  add(label: number, { start, end }: AddressRange): void {
    if (start >= end) return;
    if (typeof start === 'number' && typeof end === 'number') {
      this.#starts4.push(start);
      this.#lasts4.push(end - 1);
      this.#labels4.push(label);
    } else if (typeof start === 'bigint' && typeof end === 'bigint') {
      this.#starts6.push(start);
      this.#ends6.push(end);
      this.#labels6.push(label);
    }
  }

  v4(): LabelledFamily<number> {
    const [starts, lasts, labels] = [this.#starts4.view(), this.#lasts4.view(), this.#labels4.view()];
    const order = orderOf(labels);
    const cuts = cutsOf<number>(this.#starts4.values().sort(), endBehind(this.#lasts4.values().sort()));
    return { starts, endAt: endBehind(lasts), labels, order, cuts };
  }

  v6(): LabelledFamily<bigint> {
    const [starts, ends, labels] = [this.#starts6, this.#ends6, this.#labels6.view()];
    const sortedEnds = sortBigints([...ends]);
    const cuts = cutsOf<bigint>(sortBigints([...starts]), (index) => sortedEnds[index] as bigint);
    return { starts, endAt: (index) => ends[index] as bigint, labels, order: orderOf(labels), cuts };
  }
}

function endBehind(lasts: Uint32Array): (index: number) => number {
  return (index) => (lasts[index] as number) + 1;
}

function orderOf(labels: Uint32Array): Uint32Array | undefined {
  for (let i = 1; i < labels.length; i++)
    if ((labels[i] as number) < (labels[i - 1] as number))
      return Uint32Array.from(labels, (_, index) => index).sort(
        (a, b) => (labels[a] as number) - (labels[b] as number),
      );
  return undefined;
}

/** All starts and ends, each value once. Both ascend. */
function cutsOf<T extends number | bigint>(starts: ArrayLike<T>, endAt: (index: number) => T): Intervals<T> {
  const count = starts.length;
  const result = roomFor(2 * count, starts[0]);
  let length = 0;
  for (let i = 0, j = 0; j < count; ) {
    // The last of all is an end.
    const isStart = i < count && (starts[i] as T) < endAt(j);
    const value = isStart ? (starts[i++] as T) : endAt(j++);
    if (length === 0 || value !== result[length - 1]) result[length++] = value;
  }
  return filled(result, length);
}
