import type { SubmissionIndex, SubmissionPlace } from '../../adapters/submissions/index.ts';

export interface ScanPlace extends SubmissionPlace {
  project: string;
}

/** Read of each project before it is known whether any of it is wanted. */
const FIRST = 10;
/** Read of a project that is wanted. */
const CHUNK = 100;

/** What is read of a project, and not yet given. */
interface Line {
  project: string;
  places: SubmissionPlace[];
  /** Whether there may be more behind them. */
  more: boolean;
}

/** The scans of these projects in one order, newest first, behind `after`. Only the beginning of each list is read. */
export async function* newestFirst(
  projects: readonly string[],
  after: SubmissionPlace | undefined,
  index: SubmissionIndex,
): AsyncGenerator<ScanPlace> {
  const read = async (project: string, from: SubmissionPlace | undefined, count: number): Promise<Line> => {
    const places = await index.page(project, from, count);
    return { project, places, more: places.length === count };
  };
  const lines = await Promise.all(projects.map((project) => read(project, after, FIRST)));
  for (;;) {
    let newest: { line: Line; place: SubmissionPlace } | undefined;
    for (const line of lines) {
      const [place] = line.places;
      if (place && (newest === undefined || isNewer(place, newest.place))) newest = { line, place };
    }
    if (newest === undefined) return;
    const { line, place } = newest;
    line.places.shift();
    yield { ...place, project: line.project };
    if (line.places.length === 0 && line.more) Object.assign(line, await read(line.project, place, CHUNK));
  }
}

function isNewer(a: SubmissionPlace, b: SubmissionPlace): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && a.id > b.id);
}
