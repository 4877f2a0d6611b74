/**
 * Sets of numbers as flat boundary lists: disjoint half-open ranges [start0, end0, start1, end1, ...], strictly
 * increasing. How many boundaries lie at or below a value tells by its parity whether the value is inside, so
 * every operation only compares; nothing is ever added or subtracted, and numbers and bigints are alike.
 */
export type Intervals<T extends number | bigint> = ArrayLike<T>;

/** A list that is being filled. */
interface Room<T> {
  [index: number]: T;
  readonly length: number;
}

/**
 * Room for so many values like `sample`, which is undefined when none will come. For numbers it is there at once, and
 * takes memory as it is filled: an array that grows is copied again and again, for longer than others should wait.
 */
export function roomFor<T extends number | bigint>(capacity: number, sample: T | undefined): Room<T> {
  return (typeof sample === 'number' ? new Float64Array(capacity) : []) as Room<T>;
}

/** The first `length` values, without the room behind them. */
export function filled<T extends number | bigint>(room: Room<T>, length: number): Intervals<T> {
  if (length === 0) return [];
  if (!(room instanceof Float64Array)) return room;
  // Much room that stayed empty is given back. (T is number here, but TypeScript does not conclude that.)
  const isMostlyFull = 4 * length >= room.length;
  return (isMostlyFull ? room.subarray(0, length) : room.slice(0, length)) as unknown as Intervals<T>;
}

/** What a combination keeps, as a sum of what it keeps: values in b alone, in a alone, in both. */
export type Kept = number;
const ONLY_B = 0b0010;
const ONLY_A = 0b0100;
const IN_BOTH = 0b1000;
export const UNION: Kept = ONLY_A + ONLY_B + IN_BOTH;
export const DIFFERENCE: Kept = ONLY_A;
export const INTERSECTION: Kept = IN_BOTH;

/**
 * One sweep over both lists. Lists of 100,000 ranges come here: the loop compares each pair once, calls nothing, and
 * reads from `kept` the bit that (inside a, inside b) selects.
 */
export function combine<T extends number | bigint>(
  a: Intervals<T>,
  b: Intervals<T>,
  kept: Kept,
): Intervals<T> {
  if (kept !== UNION && liesBetween(a, b)) {
    // Most lists lie between two rules: then nothing has to be copied.
    const inB = contains(b, a[0] as T);
    return inB === (kept === INTERSECTION) ? a : [];
  }
  const result = roomFor(a.length + b.length, a[0] ?? b[0]);
  let length = 0;
  let i = 0;
  let j = 0;
  let inside = 0;
  while (i < a.length && j < b.length) {
    const x = a[i] as T;
    const y = b[j] as T;
    let at = x;
    if (x < y) i++;
    else {
      if (x === y) i++;
      else at = y;
      j++;
    }
    const keeps = (kept >> ((i & 1) * 2 + (j & 1))) & 1;
    if (keeps !== inside) {
      result[length++] = at;
      inside = keeps;
    }
  }
  // Behind the end of one list the other one decides alone.
  if (kept & ONLY_A) for (; i < a.length; i++) result[length++] = a[i] as T;
  if (kept & ONLY_B) for (; j < b.length; j++) result[length++] = b[j] as T;
  return filled(result, length);
}

/** Whether all of a lies between two neighbouring boundaries of b: all of it is in b, or nothing. */
function liesBetween<T extends number | bigint>(a: Intervals<T>, b: Intervals<T>): boolean {
  const first = a[0];
  const end = a[a.length - 1];
  if (first === undefined || end === undefined) return false;
  const next = b[countUpTo(b, first)];
  return next === undefined || next >= end;
}

/**
 * The union of any ranges, given as their starts and their ends, each list sorted on its own. (Which end belongs
 * to which start does not matter: a value is inside while more ranges have begun than ended.)
 */
export function merge<T extends number | bigint>(starts: ArrayLike<T>, ends: ArrayLike<T>): Intervals<T> {
  const result = roomFor(2 * starts.length, starts[0]);
  let length = 0;
  let open = 0;
  let i = 0;
  for (let j = 0; j < ends.length; j++) {
    const end = ends[j] as T;
    for (let start = starts[i]; start !== undefined && start <= end; start = starts[++i]) {
      if (open++ === 0) result[length++] = start;
    }
    if (--open === 0) result[length++] = end;
  }
  return filled(result, length);
}

/** In place, like a sort of a typed array. */
export function sortBigints(values: bigint[]): bigint[] {
  return values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Each value of an ascending list once. In place. */
export function distinct(sorted: Float64Array): Intervals<number> {
  let length = 0;
  for (const value of sorted) if (length === 0 || value !== sorted[length - 1]) sorted[length++] = value;
  return filled(sorted, length);
}

/** Is the value inside? O(log n). */
export function contains<T extends number | bigint>(boundaries: Intervals<T>, value: T): boolean {
  return countUpTo(boundaries, value) % 2 === 1;
}

/** How many items of an increasing list are <= value. O(log n). */
export function countUpTo<T extends number | bigint>(sorted: ArrayLike<T>, value: T): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as T) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ranges as pairs. */
export function* pairs<T extends number | bigint>(boundaries: Intervals<T>): Generator<[start: T, end: T]> {
  for (let i = 0; i + 1 < boundaries.length; i += 2) yield [boundaries[i] as T, boundaries[i + 1] as T];
}
