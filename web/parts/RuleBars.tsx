import type { Schema } from '../../src/client/client.ts';
import { CountBars } from './CountBars.tsx';

/** How many each rule refused. */
export function RuleBars({ rows }: { rows: readonly Schema<'RefusedRow'>[] }) {
  return (
    <CountBars
      rows={rows.map(({ reason, detail, count }) => ({
        key: `${reason} ${detail.source} ${detail.entry}`,
        label: (
          <>
            <code>{detail.entry}</code> <span class="muted">{detail.source}</span>
          </>
        ),
        count,
      }))}
    />
  );
}
