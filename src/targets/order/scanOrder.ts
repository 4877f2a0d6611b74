const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;
/** Up to here every product of two indexes is an exact number (below 2^53). */
const LARGEST_EXACT_SIZE = 2 ** 26;
const SMALL_TERM = 4;
/** Among so many numbers in a row there is one coprime to any size below 2^53. */
const STRIDES_TRIED = 100;

/**
 * The scan order of a set: gives the index that comes at each position, for every size and seed a bijection on
 * 0..size-1.
 *
 * The order is an affine map whose stride lies near size / golden ratio. Such steps spread evenly over the set:
 * at any time the addresses sent last lie about equally far apart, and two neighbours, which often share a link
 * or a firewall, are mostly size / 5 tasks or more apart, so different workers scan them at different times. The
 * order needs no memory, and any process can work out any part of it.
 *
 * @param size a positive integer
 * @param seed an integer; it says where the order begins
 * @throws RangeError for anything else, and the function it gives for a position that is not in 0..size-1
 */
export function scanOrder(size: number, seed: number): (position: number) => number {
  const { stride, offset } = orderOf(size, seed);
  return (position) => {
    checkIn(size, position, 'position');
    return timesModulo(position, stride, offset, size);
  };
}

/** The way back: gives the position at which each index comes in {@link scanOrder} of the same size and seed. */
export function inverse(size: number, seed: number): (index: number) => number {
  const { stride, offset } = orderOf(size, seed);
  const back = inverseModulo(stride, size);
  return (index) => {
    checkIn(size, index, 'index');
    return timesModulo(index < offset ? index - offset + size : index - offset, back, 0, size);
  };
}

function orderOf(size: number, seed: number): { stride: number; offset: number } {
  if (![size, seed].every(Number.isSafeInteger) || size < 1)
    throw new RangeError(`there is no order of size ${size} (seed ${seed})`);
  return { stride: strideFor(size), offset: ((seed % size) + size) % size };
}

function checkIn(size: number, value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= size)
    throw new RangeError(`${what} ${value} of ${size} does not exist`);
}

function timesModulo(a: number, b: number, plus: number, size: number): number {
  if (size <= LARGEST_EXACT_SIZE) return (a * b + plus) % size;
  return Number((BigInt(a) * BigInt(b) + BigInt(plus)) % BigInt(size));
}

/**
 * Euclid's algorithm, extended, for a value that is coprime to the size. No number in it is larger than the size, so
 * all of them are exact.
 */
function inverseModulo(value: number, size: number): number {
  let [a, b] = [size, value % size];
  let [before, factor] = [0, 1];
  while (b !== 0) {
    const quotient = Math.floor(a / b);
    [a, b] = [b, a % b];
    [before, factor] = [factor, before - quotient * factor];
  }
  return before < 0 ? before + size : before % size;
}

/**
 * A stride is even when the continued fraction of stride / size has no large term: the golden ratio has the
 * smallest terms of all, but rounding to a whole number spoils the later ones, so we look around a little.
 */
function strideFor(size: number): number {
  const ideal = Math.max(1, Math.round(size / GOLDEN_RATIO));
  for (let largestTerm = SMALL_TERM; ; largestTerm *= 2) {
    for (let stride = ideal; stride < ideal + STRIDES_TRIED; stride++)
      if (isEven(stride, size, largestTerm)) return stride;
  }
}

/** Euclid's algorithm; its quotients are the terms. Only a stride coprime to size visits every index. */
function isEven(stride: number, size: number, largestTerm: number): boolean {
  let [a, b] = [size, stride % size];
  while (b !== 0) {
    if (a >= (largestTerm + 1) * b) return false;
    [a, b] = [b, a % b];
  }
  return a === 1;
}
