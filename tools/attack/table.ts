import { percentile } from '../bench/figures.ts';
import type { Day } from './bystanderProcess.ts';
import type { Held } from './memory.ts';
import type { Outcome, Row } from './row.ts';
import { QUOTA_MB } from './scene.ts';

/** Of Redis: itself, BullMQ, the DNS cache. */
const OTHERS_MB = 40;

/** What others may notice of an attack. */
export const BARS = { slower: 3, processMb: 600, redisMb: 2 * QUOTA_MB + OTHERS_MB };
/** What `/health` may take at most: the API's event loop is kept that long. On a slow day more. */
const HEALTH = { mostMs: 500, timesIdle: 5 };

/** Without an attack. */
export interface Idle {
  p95Ms: number;
  healthMs: number;
}

function mostHealthMs({ healthMs }: Idle): number {
  return Math.max(HEALTH.mostMs, HEALTH.timesIdle * healthMs);
}

export interface Result {
  row: Row;
  outcome: Outcome;
  /** The bystander's, while the row was tried. */
  day: Day;
  held: Held;
}

/** How much longer the bystander's calls took than without an attack. */
function slower({ day }: Result, idle: Idle): number {
  return day.timesMs.length === 0 ? 0 : percentile(day.timesMs, 95) / idle.p95Ms;
}

/** What is wrong beside the row itself. */
function harm(result: Result, idle: Idle): string[] {
  const { day, held } = result;
  return [
    ...(slower(result, idle) > BARS.slower
      ? [`the bystander is ${slower(result, idle).toFixed(1)} x slower`]
      : []),
    ...(day.timesMs.length === 0 ? ['the bystander got nothing done'] : []),
    ...(day.refused.length > 0
      ? [`the bystander was refused ${day.refused.length} times: ${day.refused[0]}`]
      : []),
    ...(day.longestHealthMs > mostHealthMs(idle)
      ? [`/health took ${Math.round(day.longestHealthMs)} ms`]
      : []),
    ...(Math.max(held.apiMb, held.jobsMb) > BARS.processMb ? ['a process took too much memory'] : []),
    ...(held.redisMb > BARS.redisMb ? ['Redis took too much memory'] : []),
    ...(held.restarted ? ['a process ended'] : []),
  ];
}

/** Whether nothing is wrong but times: the machine may have had other things to do. */
export function onlyLate(result: Result, idle: Idle): boolean {
  const { day } = result;
  const inTime = { ...result, day: { ...day, timesMs: [idle.p95Ms], longestHealthMs: 0 } };
  return !holds(result, idle) && day.timesMs.length > 0 && holds(inTime, idle);
}

export function holds(result: Result, idle: Idle): boolean {
  return result.outcome.holds && harm(result, idle).length === 0;
}

const COLUMNS = '       row  p95    beside idle  refused  /health   API      jobs     Redis';

export function headLine(idle: Idle, calls: number): string {
  const bars = `at most ${BARS.slower} x, /health ${mostHealthMs(idle).toFixed(0)} ms, ${BARS.processMb} MB a process, Redis ${BARS.redisMb} MB`;
  return `the bystander alone: plan, run, status, stop: p95 ${idle.p95Ms.toFixed(0)} ms, ${calls} calls\nbars: ${bars}\n${COLUMNS}`;
}

export function linesOf(result: Result, idle: Idle): string {
  const { row, outcome, day, held } = result;
  const p95 = percentile(day.timesMs, 95);
  const cells = [
    holds(result, idle) ? 'holds' : 'FALLS',
    String(row.number).padStart(4),
    `${Number.isNaN(p95) ? '-' : p95.toFixed(0)} ms`.padEnd(7),
    `${slower(result, idle).toFixed(1)} x`.padEnd(12),
    String(day.refused.length).padEnd(8),
    `${day.longestHealthMs.toFixed(0)} ms`.padEnd(9),
    `${held.apiMb} MB`.padEnd(8),
    `${held.jobsMb} MB`.padEnd(8),
    `${held.redisMb} MB`,
  ];
  const wrong = harm(result, idle);
  return [
    cells.join(' '),
    `       tried: ${row.tried}`,
    `       found: ${outcome.figure}`,
    ...(wrong.length > 0 ? [`       HARM: ${wrong.join('; ')}`] : []),
  ].join('\n');
}
