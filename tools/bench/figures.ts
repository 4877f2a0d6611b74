/** Small statistics over repeated measurements. */

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1);
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export interface Spread {
  median: number;
  /** The 95 % interval of the median, whatever the values are spread like: by their ranks. */
  from: number;
  to: number;
}

/** Of a dozen values and more. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  const [from = Number.NaN, to = Number.NaN] = [sorted[rank], sorted.at(-1 - rank)];
  return { median: median(values), from, to };
}

export interface Figure {
  what: string;
  /** What was measured and its yardstick, for people. */
  detail: string;
  value: number;
  /** What the value should be. */
  limit: { atMost: number } | { atLeast: number };
  unit: string;
}

export function lineOf({ what, detail, value, limit, unit }: Figure): string {
  const holds = 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
  const wanted = 'atMost' in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`;
  return `${holds ? 'holds      ' : 'FALLS SHORT'}  ${what}: ${value.toFixed(2)} ${unit} (${wanted})  [${detail}]`;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
