/** Sorting that can be interrupted: each `yield` is a place where others may have their turn. */

/** Numbers handled between two places: a millisecond or two, some more before the loop is compiled. */
const STEP = 16_384;
const RADIX = 65_536;
/** Fewer are sorted at once, in a millisecond: a pass takes some hundred microseconds even for none. */
const FEW = 8_192;
/** Bigints sorted at once, and merged between two places: each takes a few milliseconds. */
const RUN = 4_096;
const MERGED = 8_192;

/** Ascending, in place: two passes over the numbers, by their lower and by their upper 16 bits. */
export function* sortUint32InSteps(values: Uint32Array): Generator<undefined, void> {
  if (values.length <= FEW) {
    values.sort();
    return;
  }
  const scratch = new Uint32Array(values.length);
  yield* radixPass(values, scratch, 0);
  yield* radixPass(scratch, values, 16);
}

function* radixPass(from: Uint32Array, to: Uint32Array, shift: number): Generator<undefined, void> {
  const places = new Uint32Array(RADIX + 1);
  for (let i = 0; i < from.length; i++) {
    if (i % STEP === STEP - 1) yield;
    const next = (((from[i] as number) >>> shift) & (RADIX - 1)) + 1;
    places[next] = (places[next] as number) + 1;
  }
  for (let i = 1; i < RADIX; i++) places[i] = (places[i] as number) + (places[i - 1] as number);
  for (let i = 0; i < from.length; i++) {
    if (i % STEP === STEP - 1) yield;
    const value = from[i] as number;
    const digit = (value >>> shift) & (RADIX - 1);
    const place = places[digit] as number;
    to[place] = value;
    places[digit] = place + 1;
  }
}

/** Ascending, a new list: short runs sorted by themselves, then merged two by two. */
export function* sortBigintsInSteps(values: readonly bigint[]): Generator<undefined, bigint[]> {
  let runs: bigint[][] = [];
  for (let start = 0; start < values.length; start += RUN) {
    runs.push(values.slice(start, start + RUN).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    yield;
  }
  while (runs.length > 1) {
    const longer: bigint[][] = [];
    for (let i = 0; i < runs.length; i += 2) longer.push(yield* mergeTwo(runs[i] ?? [], runs[i + 1] ?? []));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* mergeTwo(a: bigint[], b: bigint[]): Generator<undefined, bigint[]> {
  if (b.length === 0) return a;
  const merged: bigint[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (right === undefined || (left !== undefined && left <= right)) {
      merged.push(left as bigint);
      i += 1;
    } else {
      merged.push(right);
      j += 1;
    }
    if (merged.length % MERGED === 0) yield;
  }
  return merged;
}
