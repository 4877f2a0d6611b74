import type { RefusalDetail } from '../../model/refusal.ts';

/** How many addresses one rule refused. */
export interface RefusalCount {
  reason: 'forbidden' | 'private_ip';
  detail: RefusalDetail;
  count: bigint;
}

/**
 * The largest counts first, at most `maxRows` of them, then for each rule one row with the sum of the others: its
 * entry is empty, and its source too unless all of them share one. The counts add up to the same as before.
 */
export function largestFirst(counts: readonly RefusalCount[], maxRows: number): RefusalCount[] {
  const sorted = [...counts].sort((a, b) => (a.count > b.count ? -1 : a.count < b.count ? 1 : 0));
  const rest = new Map<string, RefusalCount>();
  for (const row of sorted.slice(maxRows)) {
    const { rule } = row.detail;
    const sum = rest.get(rule);
    rest.set(rule, sum === undefined ? row : joined(sum, row));
  }
  return [...sorted.slice(0, maxRows), ...rest.values()];
}

function joined(a: RefusalCount, b: RefusalCount): RefusalCount {
  const source = a.detail.source === b.detail.source ? a.detail.source : '';
  return { reason: a.reason, detail: { rule: a.detail.rule, source, entry: '' }, count: a.count + b.count };
}
