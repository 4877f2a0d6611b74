import type { DispatchPoint, HistoryStore } from '../../adapters/dispatch/historyStore.ts';

/** The last hour as series of the same length; null: not known. */
export interface DispatchHistory {
  /** Epoch seconds. */
  at: number[];
  window: (number | null)[];
  ready: (number | null)[];
  running: (number | null)[];
  tasks_per_minute: (number | null)[];
}

/** Points further apart than this say nothing of what was between them. */
const LONGEST_GAP_MS = 120_000;

export async function dispatchHistory(store: HistoryStore): Promise<DispatchHistory> {
  const points = await store.all();
  return {
    at: points.map(({ atMs }) => Math.round(atMs / 1_000)),
    window: points.map(({ window }) => window),
    ready: points.map(({ ready }) => ready),
    running: points.map(({ running }) => running),
    tasks_per_minute: points.map((point, index) => takenPerMinute(points[index - 1], point)),
  };
}

/** What was published since then and is not ready any more, and what was ready then and is not now. */
function takenPerMinute(before: DispatchPoint | undefined, now: DispatchPoint): number | null {
  if (before === undefined || before.ready === null || now.ready === null) return null;
  const passedMs = now.atMs - before.atMs;
  if (passedMs <= 0 || passedMs > LONGEST_GAP_MS) return null;
  const taken = now.published - before.published - (now.ready - before.ready);
  return Math.max(0, Math.round((taken * 60_000) / passedMs));
}
