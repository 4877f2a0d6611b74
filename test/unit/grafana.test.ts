/** The dashboard and the alerts use metrics that there are. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS, type MetricRow } from '../../src/adapters/metrics/table.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/grafana/${name}`, import.meta.url), 'utf8');

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}
interface Rules {
  groups: { rules: { alert: string; expr: string }[] }[];
}

const rows: [string, MetricRow][] = Object.entries(METRICS);
/** As they stand in the answer: of a histogram its parts. */
const series = new Set(
  rows.flatMap(([name, { type }]) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : name,
  ),
);

const seriesIn = (expr: string) => expr.match(/\b(?:tasker|process)_\w+/g) ?? [];

function labelsIn(expr: string): { metric: string; labels: string[] }[] {
  return Array.from(
    expr.matchAll(/\b((?:tasker|process)_\w+)\{([^}]*)\}/g),
    ([, metric = '', inside = '']) => {
      return { metric, labels: Array.from(inside.matchAll(/(\w+)\s*[!=]/g), ([, label = '']) => label) };
    },
  );
}

const panels = (JSON.parse(read('tasker.json')) as { panels: Panel[] }).panels;
const rules = (parse(read('alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const expressions = {
  'the dashboard': panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  'the alerts': rules.map(({ expr }) => expr),
};

describe.each(Object.entries(expressions))('%s', (_name, exprs) => {
  it('asks in each expression for metrics that Tasker has', () => {
    expect(exprs.length).toBeGreaterThan(10);
    for (const expr of exprs) expect(seriesIn(expr).length, expr).toBeGreaterThan(0);
    expect(exprs.flatMap(seriesIn).filter((name) => !series.has(name))).toEqual([]);
  });

  it('asks for labels that these metrics have', () => {
    const unknown = exprs.flatMap(labelsIn).flatMap(({ metric, labels }) => {
      const row = rows.find(([name]) => name === metric.replace(/_(bucket|sum|count)$/, ''))?.[1];
      return labels.filter((label) => !(label in (row?.labels ?? {}))).map((label) => `${metric}{${label}}`);
    });
    expect(unknown).toEqual([]);
  });
});

it('the panels of the dashboard do not lie upon each other, and each has an id of its own', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const [index, { gridPos: a, title }] of panels.entries())
    for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      expect(apart, `${title} and ${other}`).toBe(true);
    }
});
