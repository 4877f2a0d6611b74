import { METRICS, type MetricRow } from '../../src/adapters/metrics/table.ts';
import { markdownTable } from './table.ts';

/** Every metric of `/metrics`, for Markdown: first those of the whole installation. */
export function metricTables(): string {
  const rows: [string, MetricRow][] = Object.entries(METRICS);
  const installation = rows.filter(([, row]) => row.of === undefined);
  const process = rows.filter(([, row]) => row.of === 'process');
  return `### Of the installation\n\n${tableOf(installation)}\n### Of the process that answers\n\n${tableOf(process)}`;
}

function tableOf(rows: readonly [string, MetricRow][]): string {
  const cells = rows.map(([name, { type, labels = {}, help }]) => {
    const told = Object.entries(labels).map(([label, values]) => {
      return `\`${label}\`: ${typeof values === 'string' ? values : values.join(', ')}`;
    });
    return [`\`${name}\``, type, told.join('; '), help];
  });
  return markdownTable(['metric', 'type', 'labels', 'meaning'], cells);
}
