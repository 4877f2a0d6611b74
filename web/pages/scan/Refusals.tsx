import type { Schema } from '../../../src/client/client.ts';
import { CountBars } from '../../parts/CountBars.tsx';
import { RuleBars } from '../../parts/RuleBars.tsx';
import { REASONS } from '../../parts/reasons.ts';
import { useAnswer } from '../../state/useAnswer.ts';

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
      {scan.plan && <ByRule project={scan.project} plan={scan.plan} />}
    </section>
  );
}

/** The plan that it is a run of knows the rules; it goes a day after it was made. */
function ByRule({ project, plan }: { project: string; plan: string }) {
  const { data } = useAnswer('getPlan', { path: { project_id: project, plan_id: plan } });
  if (!data || !('refused_detail' in data) || !data.refused_detail?.length) return null;
  return (
    <>
      <h3>By rule</h3>
      <RuleBars rows={data.refused_detail} />
    </>
  );
}
