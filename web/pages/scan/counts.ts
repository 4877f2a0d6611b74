import type { Schema } from '../../../src/client/client.ts';

/** The numbers of the bar. What is out is not told apart here: it counts as running. */
export function countsOf({
  total,
  sent,
  progress,
  summary,
}: Schema<'SubmissionDetails'>): Schema<'ScanCounts'> {
  const refused = Object.values(summary.refused).reduce((sum, one) => sum + one, 0);
  const waiting = Math.max(0, total - sent);
  return { ...progress, waiting, ready: 0, running: Math.max(0, progress.remaining - waiting), refused };
}
