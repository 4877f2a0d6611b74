import type { Stores } from '../../adapters/redis/stores.ts';
import { dispatchHistory } from './dispatchHistory.ts';
import { submissionLabels } from './labels.ts';
import { projectIds, projectOverviews } from './projects.ts';
import { listScans, type ScanQuery, scanRows } from './scans.ts';
import { watchWorkers } from './workersAtWork.ts';

/** Answers about all projects at once. Whoever asks says which of them the caller may see. */
export function createOverview(stores: Stores) {
  const atWork = watchWorkers(stores);
  const services = { ...stores, atWork };
  return {
    /** Those of which scans are kept, the newest scan first. */
    projectIds: () => projectIds(stores),
    projects: (ids: readonly string[]) => projectOverviews(ids, stores),
    scans: (query: ScanQuery) => listScans(query, services),
    /** By id; those of which nothing is kept, and plans, are missing. */
    rows: async (ids: readonly string[]) => {
      const rows = await scanRows(ids, services);
      return [...rows.values()].map(({ searched: _, ...row }) => row);
    },
    /** Scans that are not over: they have something to send, or tasks that are out. Plans are among them. */
    liveIds: async () => {
      const [open, unfinished] = await Promise.all([
        stores.submissions.open(),
        stores.following.unfinished(),
      ]);
      return [...new Set([...Object.keys(open), ...Object.keys(unfinished)])];
    },
    /** What submissions are, plans too. */
    labels: (ids: readonly string[]) => submissionLabels(ids, stores),
    atWork,
    dispatchHistory: () => dispatchHistory(stores.dispatchHistory),
  };
}
