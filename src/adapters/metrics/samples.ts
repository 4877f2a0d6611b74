import { METRICS, type MetricName, type MetricRow } from './table.ts';

export type Labels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface Sample {
  metric: MetricName;
  /** The name of the metric, or that of a part of a histogram: `…_bucket`, `…_sum`, `…_count`. */
  name: string;
  labels: Labels;
  value: number;
}

const PART = /_(?:bucket|sum|count)$/;

export function rowOf(metric: MetricName): MetricRow {
  return METRICS[metric];
}

export function sample(metric: MetricName, value: number, labels: Labels = {}): Sample {
  return { metric, name: metric, labels, value };
}

/** `name{"label":"value"}`, the same for the same labels: what the sample is kept under. */
export function keyOf(name: string, labels: Labels): string {
  return `${name}${JSON.stringify(labels, Object.keys(labels).sort())}`;
}

/** Reads what {@link keyOf} wrote; undefined for what another version has counted. */
export function sampleOf(key: string, value: number): Sample | undefined {
  const [, name = '', text = ''] = /^(\w+)(\{.*\})$/.exec(key) ?? [];
  const metric = name in METRICS ? name : name.replace(PART, '');
  if (!isMetric(metric) || !Number.isFinite(value)) return undefined;
  try {
    return { metric, name, labels: JSON.parse(text) as Labels, value };
  } catch {
    return undefined;
  }
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
