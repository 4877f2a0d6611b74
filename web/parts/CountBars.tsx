import type { ComponentChildren } from 'preact';
import { count } from '../format/numbers.ts';

export interface CountRow {
  key: string;
  label: ComponentChildren;
  count: number;
}

/** Counts by something, largest first, each with a bar as long as its share of the largest. */
export function CountBars({ rows, calm = false }: { rows: readonly CountRow[]; calm?: boolean }) {
  const largest = Math.max(1, ...rows.map((row) => row.count));
  return (
    <ul class="counts">
      {rows
        .toSorted((a, b) => b.count - a.count)
        .map((row) => (
          <li key={row.key}>
            <div class="row apart small">
              <span>{row.label}</span>
              <strong>{count(row.count)}</strong>
            </div>
            <div class="track">
              <div
                class={calm ? 'fill calm' : 'fill'}
                style={{ width: `${Math.max(1, (row.count / largest) * 100)}%` }}
              />
            </div>
          </li>
        ))}
    </ul>
  );
}
