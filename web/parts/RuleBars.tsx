import type { Schema } from '../../src/client/client.ts';
import { CountBars } from './CountBars.tsx';

const SHOWN = 20;

/** How many each rule refused, most first. */
export function RuleBars({ rows }: { rows: readonly Schema<'RefusedRow'>[] }) {
  const more = rows.length - SHOWN;
  return (
    <>
      <CountBars
        rows={rows.slice(0, SHOWN).map(({ reason, detail, count }) => ({
          key: `${reason} ${detail.source} ${detail.entry}`,
          label: (
            <>
              <code>{detail.entry}</code> <span class="muted">{detail.source}</span>
            </>
          ),
          count,
        }))}
      />
      {more > 0 && <p class="small muted">and {more} rules more</p>}
    </>
  );
}
