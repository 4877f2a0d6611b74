import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shortCount } from '../format/numbers.ts';
import { moment } from '../format/time.ts';
import { theme } from '../state/theme.ts';

interface Line {
  name: string;
  /** A custom property with its colour. */
  color: `--${string}`;
  values: readonly (number | null)[];
  isDashed?: boolean;
  isFilled?: boolean;
}

interface Props {
  /** Epoch seconds, one for each value. */
  times: readonly number[];
  lines: readonly Line[];
  height?: number;
  /** What it shows, for those who do not see it. */
  label: string;
}

/** As wide as a time of day, with room around it. */
const TIME_PX = 80;

/** Lines over time. Each has its own dash besides its colour, and its name in the legend. */
export function Curve({ times, lines, height = 180, label }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = JSON.stringify(lines.map(({ name, color }) => [name, color]));
  const look = theme.value;

  // The plot is made anew for another shape or look only.
  useEffect(() => {
    if (!box.current) return;
    const made = new uPlot(optionsFor(lines, box.current, height), dataOf(times, lines), box.current);
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) made.setSize({ width: Math.floor(entry.contentRect.width), height });
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, look, height]);

  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);

  return <div class="curve" ref={box} role="img" aria-label={label} />;
}

function dataOf(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

/** uPlot's own is the one of the United States. */
function timeOfDay(epochS: number): string {
  return moment(epochS * 1_000).slice(11);
}

function optionsFor(lines: readonly Line[], box: HTMLElement, height: number): uPlot.Options {
  const style = getComputedStyle(box);
  const color = (name: string) => style.getPropertyValue(name);
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: color('--muted'), font, ticks: { show: false } };
  const grid = { stroke: color('--line'), width: 1 };
  return {
    width: box.clientWidth,
    height,
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, space: TIME_PX, values: (_, marks) => marks.map(timeOfDay) },
      { ...axis, grid, size: 44, values: (_, marks) => marks.map((mark) => shortCount(mark)) },
    ],
    series: [
      { label: 'at', value: (_, at: number | null) => (at === null ? '–' : timeOfDay(at)) },
      ...lines.map(({ name, color: property, isDashed, isFilled }) => ({
        label: name,
        stroke: color(property),
        width: 2,
        points: { show: false },
        spanGaps: true,
        ...(isDashed && { dash: [6, 4] }),
        ...(isFilled && { fill: `color-mix(in srgb, ${color(property)} 12%, transparent)` }),
        value: (_: uPlot, value: number | null) =>
          value === null ? '–' : shortCount(Math.round(value * 10) / 10),
      })),
    ],
  };
}
