import type { Stores } from '../../adapters/redis/stores.ts';
import type { SubmissionKind } from '../../model/submission.ts';
import { firstEntries } from './scanRow.ts';

/** What a submission is, in a few words. */
export interface SubmissionLabel {
  project: string;
  kind: SubmissionKind;
  /** Its first entry, shortened; undefined: it has none. */
  entry: string | undefined;
  entries: number;
  /** Tasks; 0 while planning. */
  total: number;
  /** Chunks of names. */
  chunks: number;
}

const ENTRY_BYTES = 128;
const ENTRY_CHARACTERS = 40;

/** By id; those of which nothing is kept are missing. */
export async function submissionLabels(
  ids: readonly string[],
  { scanNumbers, view }: Pick<Stores, 'scanNumbers' | 'view'>,
): Promise<Map<string, SubmissionLabel>> {
  const [numbers, chunks] = await Promise.all([scanNumbers.read(ids, ENTRY_BYTES), view.chunksOf(ids)]);
  const labels = new Map<string, SubmissionLabel>();
  for (const [id, count] of chunks) {
    const known = numbers.get(id);
    if (known === undefined) continue;
    const { project, kind, total = 0, provided, duplicatesRemoved } = known.facts;
    const [entry] = firstEntries(known.entries, 1, ENTRY_CHARACTERS);
    labels.set(id, { project, kind, entry, total, chunks: count, entries: provided - duplicatesRemoved });
  }
  return labels;
}
