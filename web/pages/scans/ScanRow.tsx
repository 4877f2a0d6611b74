import type { Schema } from '../../../src/client/client.ts';
import { ScanActions } from '../../actions/ScanActions.tsx';
import { count, counted, rate } from '../../format/numbers.ts';
import { ago, duration, moment } from '../../format/time.ts';
import { StateLabel, scanState } from '../../parts/StateLabel.tsx';
import { TargetBar, targetNumbers } from '../../parts/TargetBar.tsx';
import { now } from '../../state/clock.ts';
import { projectName } from '../../state/project.ts';
import { linkTo } from '../../state/route.ts';
import type { Who } from '../../state/session.ts';

type Scan = Schema<'ScanRow'>;

interface Props {
  scan: Scan;
  who: Who;
  onDone: () => void;
}

export function ScanRow({ scan, who, onDone }: Props) {
  const { counts, entries } = scan;
  const more = entries.total - entries.first.length;
  return (
    <li class="scan panel">
      <div class="scan-what">
        <a class="scan-name mono" href={linkTo(['scans', scan.project, scan.id])}>
          {entries.first.join(', ') || 'no entries'}
          {more > 0 && <span class="muted"> and {counted(more, 'more', 'more')}</span>}
        </a>
        <p class="muted small">
          {scan.user.username} ·{' '}
          <time title={moment(scan.created_at)}>{ago(Date.parse(scan.created_at), now.value)}</time> ·{' '}
          <span title={scan.project}>{projectName(scan.project)}</span>
        </p>
      </div>
      <div class="scan-how">
        <div class="row apart">
          <StateLabel state={scanState(scan.state)} />
          <span class="small muted nowrap">{paceOf(scan)}</span>
        </div>
        <TargetBar numbers={targetNumbers(counts)} />
        <p class="small muted">
          {count(counts.done)} of {counted(counts.total, 'target')} done
          {counts.refused > 0 && `, ${count(counts.refused)} refused`}
          {counts.failed > 0 && `, ${count(counts.failed)} failed`}
        </p>
      </div>
      <div class="scan-actions">
        <ScanActions scan={{ ...scan, open: counts }} isAdmin={who.admin} isCompact onDone={onDone} />
      </div>
      {(scan.failure ?? scan.paused) && (
        <p class="scan-note small">
          {scan.failure ? `${scan.failure.stage} failed: ${scan.failure.reason}` : scan.paused}
        </p>
      )}
    </li>
  );
}

const GOES_ON: readonly Scan['state'][] = ['dispatching', 'done'];

function paceOf({ state, rate_per_s, ends_at, finished_at, created_at }: Scan): string {
  if (finished_at) return `took ${duration(Date.parse(finished_at) - Date.parse(created_at))}`;
  if (rate_per_s === null || !GOES_ON.includes(state)) return '';
  const left = ends_at ? ` · ${duration(Math.max(0, Date.parse(ends_at) - now.value))} left` : '';
  return `${rate(rate_per_s)}${left}`;
}
