import { useEffect, useRef, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { Facts } from '../../parts/Facts.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { RuleBars } from '../../parts/RuleBars.tsx';
import { Scrolled } from '../../parts/Scrolled.tsx';
import { call } from '../../state/calls.ts';
import { goTo } from '../../state/route.ts';
import { draftText } from './draft.ts';
import { PlanDifference } from './PlanDifference.tsx';
import { PlanEntries } from './PlanEntries.tsx';

interface Props {
  project: string;
  plan: Schema<'Plan'>;
}

/** What would go out, and the button that sends exactly that. */
export function Plan({ project, plan }: Props) {
  const { summary, tasks, warnings, refused_detail = [], ranges, entries } = plan;
  const head = useRef<HTMLHeadingElement>(null);
  const refused = Object.values(summary.refused).reduce((sum, one) => sum + one, 0);
  useEffect(() => head.current?.focus(), []);
  return (
    <section class="panel stack" aria-labelledby="plan">
      <div class="row apart">
        <h2 id="plan" ref={head} tabIndex={-1}>
          What would go out
        </h2>
        <Run project={project} id={plan.plan.id} tasks={tasks} />
      </div>
      <Facts
        class="large plan-facts"
        of={[
          ['targets', count(summary.sent_to_scan)],
          ['tasks', count(tasks)],
          ['refused', count(refused)],
          ['entries', count(summary.provided)],
          ['duplicates', count(summary.duplicates_removed)],
        ]}
      />
      {warnings.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} tone="warn">
          {message}
        </Notice>
      ))}
      <div class="columns">
        <div class="stack tight">
          <h3>Ranges that would be scanned</h3>
          <Scrolled class="mono small pre ranges" label="Ranges that would be scanned">
            {ranges.length === 0 ? 'none' : ranges.join('\n')}
          </Scrolled>
        </div>
        {refused_detail.length > 0 && (
          <div class="stack tight">
            <h3>Refused by rule</h3>
            <RuleBars rows={refused_detail} />
          </div>
        )}
      </div>
      <PlanEntries entries={entries} />
      {plan.truncated && (
        <p class="muted small">
          The lists are cut: {counted(summary.provided, 'entry', 'entries')} are too many.
        </p>
      )}
      <PlanDifference project={project} id={plan.plan.id} />
    </section>
  );
}

function Run({ project, id, tasks }: { project: string; id: string; tasks: number }) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { submission } = await call('runNmap', { path: { project_id: project }, body: { plan: id } });
      draftText.value = '';
      goTo(['scans', project, submission.id]);
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      setBusy(false);
    }
  };
  return (
    <div class="stack tight">
      <button type="button" class="button main" disabled={isBusy || tasks === 0} onClick={() => void run()}>
        <Icon name="play" />
        {isBusy ? 'Starting …' : `Run exactly this: ${counted(tasks, 'task')}`}
      </button>
      {error && <Failure of={error} />}
    </div>
  );
}
