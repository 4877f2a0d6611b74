import type { Schema } from '../../../src/client/client.ts';

type Scan = Pick<Schema<'SubmissionDetails'>, 'times' | 'progress'>;

/** How far a scan was at one moment. */
export interface Sample {
  /** Epoch seconds. */
  at: number;
  done: number;
  remaining: number;
}

/** Lists of the same length. */
export interface Curves {
  /** Epoch seconds. */
  times: number[];
  remaining: number[];
  perMinute: (number | null)[];
}

/** Beyond that every second sample goes: the curve keeps its shape. */
const MOST_SAMPLES = 2_000;
/** Less than that between two looks is one sample. */
const LEAST_S = 0.5;
/** A rate is over no less than that: tasks end in bursts. */
const RATE_OVER_S = 10;

/** What was seen since the page is open, and what is seen now. */
export function withSample(seen: readonly Sample[], scan: Scan, nowMs: number): readonly Sample[] {
  const { times, progress } = scan;
  const at = times.finished_at ? Date.parse(times.finished_at) / 1_000 : nowMs / 1_000;
  const last = seen.at(-1);
  if (times.first_sent_at === null || (last !== undefined && at - last.at < LEAST_S)) return seen;
  const whole = [...seen, { at, done: progress.done, remaining: progress.remaining }];
  return whole.length > MOST_SAMPLES ? whole.filter((_, index) => index % 2 === 0) : whole;
}

/** From the first task on: what the server has noted, then what was seen here. */
export function curvesOf(
  scan: Scan,
  noted: Pick<Schema<'SubmissionHistory'>, 'at' | 'done' | 'remaining'> | undefined,
  seen: readonly Sample[],
): Curves {
  const from = scan.times.first_sent_at;
  if (from === null) return { times: [], remaining: [], perMinute: [] };
  const samples: Sample[] = [{ at: Date.parse(from) / 1_000, done: 0, remaining: scan.progress.total }];
  const add = (sample: Sample) => {
    if (sample.at - (samples.at(-1)?.at ?? 0) >= LEAST_S) samples.push(sample);
  };
  for (const [index, at] of (noted?.at ?? []).entries())
    add({ at, done: noted?.done[index] ?? 0, remaining: noted?.remaining[index] ?? 0 });
  for (const sample of seen) add(sample);
  return {
    times: samples.map(({ at }) => at),
    remaining: samples.map(({ remaining }) => remaining),
    perMinute: samples.map((_, index) => rateAt(samples, index)),
  };
}

/** Tasks that ended, by the minute, since the latest sample that is old enough, or the first. */
function rateAt(samples: readonly Sample[], index: number): number | null {
  const now = samples[index];
  if (now === undefined || index === 0) return null;
  let from = index - 1;
  while (from > 0 && now.at - (samples[from]?.at ?? 0) < RATE_OVER_S) from -= 1;
  const before = samples[from] ?? now;
  return (Math.max(0, now.done - before.done) / (now.at - before.at)) * 60;
}
