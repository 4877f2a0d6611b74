import type { LaterExclusions } from '../../model/submission.ts';
import type { Exclusion } from './rules.ts';

/** What a scan got later, as rules that name who and when. */
export function laterRules(lists: readonly LaterExclusions[]): Exclusion[] {
  return lists.flatMap(({ how, by, at, entries }) => {
    const level = how === 'cancelled' ? 'cancel' : 'request';
    return entries.map((entry): Exclusion => ({ level, entry, by: `${by}, ${at}` }));
  });
}
