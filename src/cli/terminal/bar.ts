/** One bar out of several counts, each with its own sign, so that it can be read without colours, too. */
import { counted } from './numbers.ts';
import type { Colour, Paint } from './text.ts';

export interface Segment {
  name: string;
  count: number;
  sign: string;
  colour: Colour;
}

/** Each count has its share of the cells, and at least one when it is not 0. */
export function bar(segments: readonly Segment[], cells: number, paint: Paint): string {
  const shown = segments.filter(({ count }) => count > 0);
  const shares = sharesOf(
    shown.map(({ count }) => count),
    cells,
  );
  return shown.map(({ sign, colour }, index) => paint(colour, sign.repeat(shares[index] ?? 0))).join('');
}

/** What stands below it: those that are always told, and those that are not 0. */
export function legend(segments: readonly Segment[], paint: Paint): string[] {
  return segments.map(({ name, count, sign, colour }) => `${paint(colour, sign)} ${name} ${counted(count)}`);
}

/** Whole numbers that add up to `cells`, where there are cells enough. */
function sharesOf(counts: readonly number[], cells: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => Math.max(1, Math.floor((count / total) * cells)));
  const order = counts.map((_, index) => index).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  for (let over = shares.reduce((sum, share) => sum + share, 0) - cells; over !== 0; ) {
    const step = Math.sign(over);
    const from = order.find((index) => step < 0 || (shares[index] ?? 0) > 1);
    if (from === undefined) return shares.slice(0, Math.max(0, cells));
    shares[from] = (shares[from] ?? 0) - step;
    over -= step;
  }
  return shares;
}
