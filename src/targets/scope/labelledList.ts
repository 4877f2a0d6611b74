import { sortedOrder } from '../address/sortedOrder.ts';
import { Uint32List } from '../address/uint32List.ts';
import type { AddressRange } from '../sets/addressSet.ts';
import { filled, type Intervals, roomFor } from '../sets/intervals.ts';
import { sortBigintsInSteps, sortUint32InSteps } from '../sets/sortInSteps.ts';

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
    const [starts, lasts, labels] = [this.#starts4.view(), this.#lasts4.view(), this.#labels4.view()];
    const order = yield* orderOf(labels);
    const cuts = yield* this.#cuts4InSteps();
    return { starts, endAt: endBehind(lasts), labels, order, cuts };
  }

  *#cuts4InSteps(): Generator<undefined, Intervals<number>> {
    const [starts, lasts] = [this.#starts4.values(), this.#lasts4.values()];
    yield* sortUint32InSteps(starts);
    yield* sortUint32InSteps(lasts);
    return yield* cutsInSteps<number>(starts, endBehind(lasts));
  }

  *v6InSteps(): Generator<undefined, LabelledFamily<bigint>> {
    const [starts, ends] = [this.#starts6, this.#ends6];
    const labels = this.#labels6.view();
    const order = yield* orderOf(labels);
    const sortedEnds = yield* sortBigintsInSteps(ends);
    const cuts = yield* cutsInSteps<bigint>(
      yield* sortBigintsInSteps(starts),
      (index) => sortedEnds[index] as bigint,
    );
    return { starts, endAt: (index) => ends[index] as bigint, labels, order, cuts };
  }
}

function endBehind(lasts: Uint32Array): (index: number) => number {
  return (index) => (lasts[index] as number) + 1;
}

function* orderOf(labels: Uint32Array): Generator<undefined, Uint32Array | undefined> {
  for (let i = 1; i < labels.length; i++)
    if ((labels[i] as number) < (labels[i - 1] as number))
      return yield* sortedOrder(labels.length, (a, b) => (labels[a] as number) - (labels[b] as number));
  return undefined;
}

/** All starts and ends, each value once. Both ascend. */
function* cutsInSteps<T extends number | bigint>(
  starts: ArrayLike<T>,
  endAt: (index: number) => T,
): Generator<undefined, Intervals<T>> {
  const count = starts.length;
  const result = roomFor(2 * count, starts[0]);
  let length = 0;
  for (let i = 0, j = 0; j < count; ) {
    if ((i + j) % STEP === STEP - 1) yield;
    // The last of all is an end.
    const isStart = i < count && (starts[i] as T) < endAt(j);
    const value = isStart ? (starts[i++] as T) : endAt(j++);
    if (length === 0 || value !== result[length - 1]) result[length++] = value;
  }
  return filled(result, length);
}
