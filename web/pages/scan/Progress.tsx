import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count, counted, percent, rate } from '../../format/numbers.ts';
import { duration, moment } from '../../format/time.ts';
import { Curve } from '../../parts/Curve.tsx';
import { type FactList, Facts } from '../../parts/Facts.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { TargetBar, TargetLegend, targetNumbers } from '../../parts/TargetBar.tsx';
import { say, sayIfItFails } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';
import { now } from '../../state/clock.ts';
import { useAnswer } from '../../state/useAnswer.ts';
import { curvesOf, type Sample, withSample } from './history.ts';

interface Props {
  scan: Schema<'SubmissionDetails'>;
  counts: Schema<'ScanCounts'>;
  onDone: () => void;
}

export function Progress({ scan, counts, onDone }: Props) {
  const { progress } = scan;
  return (
    <section class="panel" aria-labelledby="progress">
      <h2 id="progress">Progress</h2>
      <div class="stack">
        <Facts class="large" of={factsOf(scan)} />
        <TargetBar numbers={targetNumbers(counts)} />
        <TargetLegend numbers={targetNumbers(counts)} />
        {progress.resent > 0 && (
          <p class="small muted">
            {counted(progress.resent, 'task')} got lost on the way and went out again.
          </p>
        )}
        {progress.failed > 0 && <DeadLetters scan={scan} onDone={onDone} />}
        <Curves scan={scan} />
      </div>
    </section>
  );
}

function factsOf({ progress, times, estimate }: Schema<'SubmissionDetails'>): FactList {
  const { total, remaining } = progress;
  const endMs = estimate && Date.parse(estimate.ends_at);
  return [
    ['done', percent(total - remaining, total)],
    ['remaining', count(remaining)],
    estimate !== null && ['rate', rate(estimate.rate_per_s)],
    endMs !== null && ['time left', duration(Math.max(0, endMs - now.value))],
    times.finished_at
      ? ['finished', moment(times.finished_at).slice(11)]
      : ['running for', elapsed(times.created_at, now.value)],
  ];
}

function elapsed(from: string, nowMs: number): string {
  return duration(Math.max(0, nowMs - Date.parse(from)));
}

/** Tasks that three workers began and none ended. */
function DeadLetters({ scan, onDone }: Pick<Props, 'scan' | 'onDone'>) {
  const retry = async () => {
    const { retried } = await call('retryFailed', {
      path: { project_id: scan.project, submission_id: scan.id },
    });
    say(`${counted(retried, 'task')} sent again`);
    onDone();
  };
  return (
    <Notice tone="warn" title={`${counted(scan.progress.failed, 'task')} failed`}>
      <p>Three workers began each of them, and none came to its end.</p>
      <div>
        <button type="button" class="button" onClick={() => void sayIfItFails(retry())}>
          <Icon name="retry" />
          Send them again
        </button>
      </div>
    </Notice>
  );
}

function Curves({ scan }: { scan: Schema<'SubmissionDetails'> }) {
  const path = { project_id: scan.project, submission_id: scan.id };
  const noted = useAnswer('getSubmissionHistory', { path });
  const [seen, setSeen] = useState<readonly Sample[]>([]);
  useEffect(() => setSeen((before) => withSample(before, scan, Date.now())), [scan]);
  const history = useMemo(() => curvesOf(scan, noted.data, seen), [scan, noted.data, seen]);
  const remaining = useMemo(
    () => [{ name: 'remaining', color: '--running', values: history.remaining, isFilled: true } as const],
    [history],
  );
  const perMinute = useMemo(
    () => [{ name: 'done a minute', color: '--done', values: history.perMinute } as const],
    [history],
  );
  const isLoading = !noted.data && !noted.error;
  if (isLoading || history.times.length < 2) return null;
  return (
    <div class="curves">
      <Curve
        times={history.times}
        lines={remaining}
        label={`${count(scan.progress.remaining)} targets remain`}
      />
      <Curve times={history.times} lines={perMinute} label="Tasks that ended, by the minute" />
    </div>
  );
}
