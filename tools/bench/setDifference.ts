import { type AddressSet, subtract } from '../../src/targets/sets/addressSet.ts';
import { type Figure, median, timed } from './figures.ts';

const RANGES = 100_000;
const ROUNDS = 21;

/** The difference of two lists of 100,000 ranges each, that overlap everywhere. */
export async function setDifference(): Promise<Figure[]> {
  const [a, b] = [ranges(0), ranges(13)];
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ms = await timed(async () => subtract(a, b));
    rates.push((2 * RANGES) / ms / 1_000);
  }
  return [
    {
      what: 'set difference',
      detail: `two lists of ${RANGES} ranges, median of ${ROUNDS}, ranges of both lists counted`,
      value: median(rates),
      limit: { atLeast: 20 },
      unit: 'million ranges/s',
    },
  ];
}

function ranges(offset: number): AddressSet {
  const v4 = Array.from({ length: RANGES }, (_, index) => [index * 40 + offset, index * 40 + offset + 20]);
  return { v4: v4.flat(), v6: [] };
}
