import { listedOf, shortText } from '../../adapters/audit/entry.ts';
import type { NewSubmission } from '../../model/submission.ts';

/** Bytes of the entries that are looked at. */
const LOOKED_AT = 4_096;

/** What was handed in, for the audit trail: how many, and the first of them. */
export function submittedBriefly({
  entries,
  provided,
  exclude,
  options,
}: Pick<NewSubmission, 'entries' | 'provided' | 'exclude' | 'options'>) {
  const start =
    typeof entries === 'string'
      ? entries.slice(0, LOOKED_AT)
      : Buffer.from(entries.subarray(0, LOOKED_AT)).toString();
  // Behind a tab stands where the entry was.
  const { listed } = listedOf(start.split('\n'), (line) => shortText(line.split('\t', 1)[0] ?? ''));
  return {
    provided,
    entries: listed,
    ...(exclude && { exclude: listedOf(exclude, shortText) }),
    mode: options.mode,
    allow_unresolved_exclusions: options.allow_unresolved_exclusions === true,
  };
}
