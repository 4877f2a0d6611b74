import { useEffect, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { reasonWords } from '../../parts/reasons.ts';
import { StateLabel } from '../../parts/StateLabel.tsx';
import { Table } from '../../parts/Table.tsx';

type Target = Schema<'Target'>;

interface Props {
  targets: readonly Target[];
  /** `null`: these are all; `undefined`: nothing is loaded yet. */
  next: string | null | undefined;
  more: () => void;
  linkOf: (target: string) => string;
}

/** As the style has it. */
const ROW_PX = 40;
const HEIGHT_PX = 440;
/** Rows beyond both edges, so that nothing is blank while scrolling. */
const SPARE = 8;

const COLUMNS = [
  'target',
  { name: 'names', class: 'wide-only' },
  'state',
  { name: 'reason', class: 'wide-only' },
  { name: 'why', isHidden: true },
] as const;

/** Only the rows in sight are in the page, whatever their number; two empty ones stand for the others. */
export function TargetRows({ targets, next, more, linkOf }: Props) {
  const [topPx, setTopPx] = useState(0);
  const first = Math.max(0, Math.min(Math.floor(topPx / ROW_PX), targets.length) - SPARE);
  const end = Math.min(targets.length, Math.ceil((topPx + HEIGHT_PX) / ROW_PX) + SPARE);
  const isNearEnd = end >= targets.length;

  useEffect(() => {
    if (isNearEnd) more();
  });

  if (targets.length === 0 && next === null) return <p class="empty">No target is like that.</p>;
  return (
    <>
      <Table
        class="targets-scroll"
        tableClass="targets"
        label="List of targets"
        columns={COLUMNS}
        rowCount={next ? -1 : targets.length + 1}
        onScroll={setTopPx}
      >
        <Gap rows={first} />
        {targets.slice(first, end).map((target, index) => (
          <TargetRow
            key={`${target.target} ${target.task_id}`}
            target={target}
            place={first + index}
            href={linkOf(target.target)}
          />
        ))}
        <Gap rows={targets.length - end} />
      </Table>
      <p class="panel-part small muted" role="status">
        {counted(targets.length, 'target')}
        {next !== null && ' so far …'}
      </p>
    </>
  );
}

function Gap({ rows }: { rows: number }) {
  return rows > 0 ? <tr style={{ height: `${rows * ROW_PX}px` }} /> : null;
}

function TargetRow({ target, place, href }: { target: Target; place: number; href: string }) {
  const { hostnames, state, reason, moved_from, starts } = target;
  const names = hostnames.join(', ');
  return (
    <tr aria-rowindex={place + 2}>
      <td class="mono" title={target.target}>
        {target.target}
      </td>
      <td class="muted wide-only" title={names}>
        {names}
      </td>
      <td>
        <StateLabel state={state} />
      </td>
      <td class="muted wide-only">
        {reasonWords(reason)}
        {moved_from && `in the place of ${moved_from}`}
        {starts && `begun by ${starts.map(({ worker }) => worker).join(', ')}`}
      </td>
      <td class="number">
        <a class="small" href={href} aria-label={`Explain ${target.target}`}>
          Explain
        </a>
      </td>
    </tr>
  );
}
