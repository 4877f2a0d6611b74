/** Why an address, a network or a name was scanned, or was not: worked out from what is kept of each submission. */
import type { SubmissionPlace } from '../../adapters/submissions/index.ts';
import type { Asked } from './asked.ts';
import { type Explanation, explainSubmission } from './explainSubmission.ts';
import type { ExplainServices } from './explainTargets.ts';

/** Submissions that one question looks at; the answer says where to go on. */
const LOOKED_AT = 100;
/** Entries and names that it looks through; after the submission with which they are more, the answer ends likewise. */
const LOOKED_THROUGH = 100_000;

/** Newest first. `next`: where to go on, when there are more submissions. */
export interface Explained {
  explanations: Explanation[];
  next: SubmissionPlace | undefined;
}

/** Every submission of the project that had to do with it. */
export async function explain(
  project: string,
  asked: Asked,
  after: SubmissionPlace | undefined,
  services: ExplainServices,
): Promise<Explained> {
  const places = await services.index.page(project, after, LOOKED_AT);
  const explanations: Explanation[] = [];
  const mayBeMore = places.length === LOOKED_AT;
  let through = 0;
  for (const [index, place] of places.entries()) {
    services.signal?.throwIfAborted();
    const { explanation, size } = await explainSubmission(place.id, asked, services);
    if (explanation) explanations.push(explanation);
    through += size;
    const isLast = index === places.length - 1 && !mayBeMore;
    if (through > LOOKED_THROUGH && !isLast) return { explanations, next: place };
  }
  return { explanations, next: mayBeMore ? places.at(-1) : undefined };
}
