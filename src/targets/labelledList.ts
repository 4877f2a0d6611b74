import type { AddressRange } from './addressSet.ts';
import { type Boundaries, filled, roomFor } from './boundaries.ts';
import { sortedOrder } from './sortedOrder.ts';
import { sortBigintsInSteps, sortUint32InSteps } from './sortInSteps.ts';
import { Uint32List } from './uint32List.ts';

/** Ranges of one family with their labels. */
export interface LabelledFamily<T extends number | bigint> {
  starts: ArrayLike<T>;
  ends: ArrayLike<T>;
  labels: ArrayLike<number>;
  /** Their indexes by ascending label; undefined: they stand so already. */
  order: Uint32Array | undefined;
  /** All starts and ends, ascending, each once. */
  cuts: Boundaries<T>;
}

/** Cuts merged between two places where others may have their turn: a millisecond or so. */
const STEP = 16_384;

/** Collects ranges with their labels, in any order; an IPv4 range takes twelve bytes. */
export class LabelledList {
  readonly #starts4 = new Uint32List();
  /** The last address of each range, because the end of the last one of all would not fit in. */
  readonly #lasts4 = new Uint32List();
  readonly #labels4 = new Uint32List();
  readonly #starts6: bigint[] = [];
  readonly #ends6: bigint[] = [];
  readonly #labels6 = new Uint32List();

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

  *v4InSteps(): Generator<undefined, LabelledFamily<number>> {
    const [starts, lasts] = [this.#starts4.values(), this.#lasts4.values()];
    const ends = oneMore(lasts);
    const labels = this.#labels4.values();
    const order = yield* orderOf(labels);
    const sortedStarts = starts.slice();
    yield* sortUint32InSteps(sortedStarts);
    yield* sortUint32InSteps(lasts);
    const cuts = yield* cutsInSteps<number>(sortedStarts, oneMore(lasts));
    return { starts, ends, labels, order, cuts };
  }

  *v6InSteps(): Generator<undefined, LabelledFamily<bigint>> {
    const [starts, ends] = [this.#starts6, this.#ends6];
    const labels = this.#labels6.values();
    const order = yield* orderOf(labels);
    const cuts = yield* cutsInSteps<bigint>(
      yield* sortBigintsInSteps(starts),
      yield* sortBigintsInSteps(ends),
    );
    return { starts, ends, labels, order, cuts };
  }
}

function oneMore(values: Uint32Array): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = (values[i] as number) + 1;
  return result;
}

function* orderOf(labels: Uint32Array): Generator<undefined, Uint32Array | undefined> {
  for (let i = 1; i < labels.length; i++)
    if ((labels[i] as number) < (labels[i - 1] as number))
      return yield* sortedOrder(labels.length, (a, b) => (labels[a] as number) - (labels[b] as number));
  return undefined;
}

/** What stands in either of two ascending lists, each value once. */
function* cutsInSteps<T extends number | bigint>(
  a: ArrayLike<T>,
  b: ArrayLike<T>,
): Generator<undefined, Boundaries<T>> {
  const result = roomFor(a.length + b.length, a[0]);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if ((i + j) % STEP === STEP - 1) yield;
    const fromA = j >= b.length || (i < a.length && (a[i] as T) < (b[j] as T));
    const value = (fromA ? a[i++] : b[j++]) as T;
    if (length === 0 || value !== result[length - 1]) result[length++] = value;
  }
  return filled(result, length);
}
