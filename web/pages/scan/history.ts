import type { Schema } from '../../../src/client/client.ts';

/** How a scan went while this page was open, and what its times tell of before. */
export interface History {
  /** Epoch seconds. */
  times: number[];
  remaining: number[];
  perMinute: (number | null)[];
}

/** Beyond that every second sample goes: the curve keeps its shape. */
const MOST_SAMPLES = 2_000;
/** A rate is over no less than that: tasks end in bursts. */
const RATE_OVER_S = 10;

/** Scans that are looked at once more go on where they were. */
const histories = new Map<string, History>();

export function noteProgress(scan: Schema<'SubmissionDetails'>, nowMs: number): History {
  const before = histories.get(scan.id) ?? begun(scan);
  const after = added(before, scan, nowMs / 1_000);
  histories.set(scan.id, after);
  return after;
}

function begun({ times, progress }: Schema<'SubmissionDetails'>): History {
  const from = times.first_sent_at;
  if (from === null) return { times: [], remaining: [], perMinute: [] };
  return { times: [Date.parse(from) / 1_000], remaining: [progress.total], perMinute: [null] };
}

function added(history: History, { times, progress }: Schema<'SubmissionDetails'>, nowS: number): History {
  const at = times.finished_at ? Date.parse(times.finished_at) / 1_000 : nowS;
  const last = history.times.at(-1);
  if (times.first_sent_at === null || (last !== undefined && at - last < 0.5)) return history;
  const whole: History = {
    times: [...history.times, at],
    remaining: [...history.remaining, progress.remaining],
    perMinute: [...history.perMinute, rateAt(history, at, progress.remaining)],
  };
  return whole.times.length > MOST_SAMPLES ? thinned(whole) : whole;
}

/** Tasks a minute since the latest sample that is old enough, or the oldest. */
function rateAt({ times, remaining }: History, at: number, left: number): number | null {
  const found = times.findLastIndex((time) => at - time >= RATE_OVER_S);
  const from = Math.max(0, found);
  const [time, before] = [times[from], remaining[from]];
  if (time === undefined || before === undefined || at <= time) return null;
  return (Math.max(0, before - left) / (at - time)) * 60;
}

function thinned({ times, remaining, perMinute }: History): History {
  const kept = (_: unknown, index: number) => index % 2 === 0;
  return {
    times: times.filter(kept),
    remaining: remaining.filter(kept),
    perMinute: perMinute.filter(kept),
  };
}
