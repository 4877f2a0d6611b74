import type { SubmissionIndex, SubmissionPlace } from '../adapters/submissions/index.ts';
import type { SubmissionView } from '../adapters/submissions/submissionView.ts';
import type { Progress, SubmissionState } from '../model/submission.ts';

export interface SubmissionQuery {
  /** The last one of the page before. */
  after?: SubmissionPlace;
  limit: number;
  state?: SubmissionState;
}

export interface SubmissionPage {
  submissions: Progress[];
  /** The next page comes behind this one; undefined: there is none. */
  next: SubmissionPlace | undefined;
}

/** Submissions that are read together. */
const CHUNK = 100;
/** Submissions that one page looks at before it ends, also with nothing found. */
const MOST_LOOKED_AT = 2_000;

/** The scans of a project, newest first. Those of which nothing is kept any more leave the list here. */
export async function listSubmissions(
  project: string,
  { after, limit, state }: SubmissionQuery,
  { index, view }: { index: SubmissionIndex; view: SubmissionView },
): Promise<SubmissionPage> {
  const submissions: Progress[] = [];
  let last = after;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += CHUNK) {
    const places = await index.page(project, last, CHUNK);
    const known = await view.progressOfAll(places.map(({ id }) => id));
    await index.forgetGone(
      project,
      places.flatMap(({ id }) => (known.has(id) ? [] : [id])),
    );
    for (const place of places) {
      const progress = known.get(place.id);
      const fits = progress !== undefined && (state === undefined || progress.state === state);
      // Only one that is there makes a next page.
      if (fits && submissions.length === limit) return { submissions, next: last };
      if (fits) submissions.push(progress);
      last = place;
    }
    if (places.length < CHUNK) return { submissions, next: undefined };
  }
  return { submissions, next: last };
}
