import { GONE_AFTER_PINGS, type WorkerState } from '../../adapters/workers/presence.ts';
import { LONGEST_RECALL_MS, type Recall } from '../../adapters/workers/recallStore.ts';

/** Between the moment in which a worker takes a task off its list and the acknowledgement of the message. */
const ENDING_MS = 60_000;
/** A worker that is there ends what it is told to within seconds. What it still lists then is of an earlier life. */
const DEAF_MS = 180_000;
/** From here on a worker is silent: it may be frozen, or cut off. */
const SILENT_AFTER_PINGS = 2;

/**
 * - `tell`: a worker lists it, and may hear us: revoke and cancel
 * - `runs`: a worker lists it, and may finish it
 * - `hold`: a worker that we do not reach may have it
 * - `ending`: no worker lists it; its message may still come back to the queue
 * - `stale`: a worker that answers lists it and does not end it: there is nothing to end, or it hears no cancel
 * - `over`: nothing of it is left
 */
export type Verdict = 'tell' | 'runs' | 'hold' | 'ending' | 'stale' | 'over';

export interface Judged {
  id: string;
  verdict: Verdict;
  /** What is to be remembered of it. */
  recall: Recall;
  /** The workers that list it. */
  hosts: string[];
}

/** What is to be done about each recalled task, by what the workers say at this moment. Pure. */
export function judgeRecalls(
  recalls: ReadonlyMap<string, Recall>,
  workers: readonly WorkerState[],
  now: number,
): Judged[] {
  const listedBy = new Map<string, WorkerState[]>();
  for (const worker of workers) {
    for (const id of worker.tasks) listedBy.set(id, [...(listedBy.get(id) ?? []), worker]);
  }
  const someSilent = workers.some(
    ({ unanswered }) => unanswered >= SILENT_AFTER_PINGS && unanswered < GONE_AFTER_PINGS,
  );
  return [...recalls].map(([id, recall]) => {
    const listing = listedBy.get(id) ?? [];
    return { id, hosts: listing.map(({ host }) => host), ...judge(recall, listing, someSilent, now) };
  });
}

function judge(
  recall: Recall,
  listing: readonly WorkerState[],
  someSilent: boolean,
  now: number,
): Pick<Judged, 'verdict' | 'recall'> {
  const { told, ...rest } = recall;
  if (now - recall.since > LONGEST_RECALL_MS) return { verdict: 'over', recall };
  if (listing.some(({ unanswered }) => unanswered < GONE_AFTER_PINGS)) {
    // Who lists it has a message of it, so one may come back once more.
    const { taken: _, ...again } = rest;
    if (recall.finishing !== undefined) return { verdict: 'runs', recall: { ...again, seen: now } };
    const hears = listing.some(({ unanswered }) => unanswered < SILENT_AFTER_PINGS);
    const since = told ?? now;
    if (hears && now - since > DEAF_MS) return { verdict: 'stale', recall };
    return { verdict: 'tell', recall: { ...again, seen: now, ...(hears && { told: since }) } };
  }
  // One that is gone may come back with its nmap running; one that is silent may have it and not list it yet.
  if (listing.length > 0 || someSilent) return { verdict: 'hold', recall: { ...rest, seen: now } };
  return { verdict: now - recall.seen > ENDING_MS ? 'over' : 'ending', recall: rest };
}
