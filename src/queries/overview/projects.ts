import type { Stores } from '../../adapters/redis/stores.ts';
import { waitingByProject } from '../waitingByProject.ts';

/** Of those with the newest scans: a list that nobody reads to the end helps nobody. */
const MOST_PROJECTS = 1_000;

export interface ProjectOverview {
  id: string;
  /** Scans that are neither done nor stopped, and all of which something is kept. */
  open: number;
  kept: number;
  /** Tasks of them that are not sent. */
  waiting: number;
  /** ISO 8601: when the newest of them began. */
  last_at: string;
  paused: boolean;
}

type Services = Pick<Stores, 'projectIndex' | 'submissions' | 'view' | 'following'>;

/** Projects of which scans are kept, the one with the newest first. */
export async function projectIds({ projectIndex, submissions, following }: Services): Promise<string[]> {
  const [newest, open, unfinished] = await Promise.all([
    projectIndex.newest(MOST_PROJECTS),
    submissions.open(),
    following.unfinished(),
  ]);
  // Those that began before there was an index are found by what they have open.
  const others = [...Object.values(open), ...Object.values(unfinished)];
  return [...new Set([...newest, ...others])].slice(0, MOST_PROJECTS);
}

/** What there is of these projects; those that have no scan any more leave the index here. */
export async function projectOverviews(
  ids: readonly string[],
  { projectIndex, submissions, view }: Services,
): Promise<ProjectOverview[]> {
  const [lists, open] = await Promise.all([projectIndex.listsOf(ids), submissions.open()]);
  const waiting = await waitingByProject(open, view);
  await projectIndex.forgetEmpty(ids.filter((id) => !lists.has(id)));
  return ids
    .flatMap((id) => {
      const list = lists.get(id);
      if (list === undefined) return [];
      const { newestMs, ...counts } = list;
      return { id, ...counts, waiting: waiting.get(id) ?? 0, last_at: new Date(newestMs).toISOString() };
    })
    .sort((a, b) => (a.last_at < b.last_at ? 1 : -1));
}
