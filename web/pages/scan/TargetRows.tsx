import { useEffect, useRef, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { reasonWords } from '../../parts/reasons.ts';
import { StateLabel } from '../../parts/StateLabel.tsx';

type Target = Schema<'Target'>;

interface Props {
  targets: readonly Target[];
  next: string | null | undefined;
  more: () => void;
  linkOf: (target: string) => string;
}

const ROW_PX = 44;
/** Rows beyond both edges, so that nothing is blank while scrolling. */
const SPARE = 8;

/** Only the rows in sight are in the page, whatever their number. */
export function TargetRows({ targets, next, more, linkOf }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [topPx, setTopPx] = useState(0);
  const heightPx = box.current?.clientHeight ?? 440;
  const first = Math.max(0, Math.floor(topPx / ROW_PX) - SPARE);
  const end = Math.min(targets.length, Math.ceil((topPx + heightPx) / ROW_PX) + SPARE);
  const isNearEnd = end >= targets.length;

  useEffect(() => {
    if (isNearEnd) more();
  });

  if (targets.length === 0 && next === null) return <p class="empty">No target is like that.</p>;
  return (
    // biome-ignore-start lint/a11y/useSemanticElements: rows that are placed by hand are no table's
    <div class="targets-table" role="table" aria-label="Targets" aria-rowcount={next ? -1 : targets.length}>
      <div class="targets-head" role="row">
        <span role="columnheader">target</span>
        <span role="columnheader">names</span>
        <span role="columnheader">state</span>
        <span role="columnheader">reason</span>
        <span role="columnheader">why</span>
      </div>
      <div
        ref={box}
        class="targets-scroll"
        role="rowgroup"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        tabIndex={0}
        onScroll={({ currentTarget }) => setTopPx(currentTarget.scrollTop)}
      >
        <div style={{ height: `${targets.length * ROW_PX}px` }} />
        {targets.slice(first, end).map((target, index) => (
          <TargetRow
            key={`${target.target} ${target.task_id}`}
            target={target}
            place={first + index}
            href={linkOf(target.target)}
          />
        ))}
      </div>
      <p class="panel-part small muted" role="status">
        {next === null ? counted(targets.length, 'target') : `${counted(targets.length, 'target')} so far …`}
      </p>
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: as above
  );
}

function TargetRow({ target, place, href }: { target: Target; place: number; href: string }) {
  const { hostnames, state, reason, moved_from, starts } = target;
  return (
    <div
      class="target"
      role="row"
      aria-rowindex={place + 1}
      style={{ top: `${place * ROW_PX}px`, height: `${ROW_PX}px` }}
    >
      <span role="cell" class="mono">
        {target.target}
      </span>
      <span role="cell" class="muted" title={hostnames.join(', ')}>
        {hostnames.join(', ')}
      </span>
      <span role="cell">
        <StateLabel state={state} />
      </span>
      <span role="cell" class="muted">
        {reasonWords(reason)}
        {moved_from && `in the place of ${moved_from}`}
        {starts && `begun by ${starts.map(({ worker }) => worker).join(', ')}`}
      </span>
      <span role="cell">
        <a class="small" href={href} aria-label={`Explain ${target.target}`}>
          Explain
        </a>
      </span>
    </div>
  );
}
