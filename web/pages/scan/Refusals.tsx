import type { Schema } from '../../../src/client/client.ts';
import { CountBars } from '../../parts/CountBars.tsx';
import { RuleBars } from '../../parts/RuleBars.tsx';
import { REASONS } from '../../parts/reasons.ts';

/** What was refused, by reason and by the rule that refused it. */
export function Refusals({ scan }: { scan: Schema<'SubmissionDetails'> }) {
  const rows = REASONS.map(({ reason, words }) => ({
    key: reason,
    label: words,
    count: scan.summary.refused[reason],
  })).filter(({ count }) => count > 0);
  return (
    <section class="panel stack" aria-labelledby="refusals">
      <h2 id="refusals">Refused</h2>
      {rows.length === 0 && <p class="muted">Nothing was refused.</p>}
      <CountBars rows={rows} />
      {scan.refused_detail.length > 0 && (
        <>
          <h3>By rule</h3>
          <RuleBars rows={scan.refused_detail} />
        </>
      )}
    </section>
  );
}
