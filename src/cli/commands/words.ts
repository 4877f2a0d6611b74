/** What several commands say in the same way. */
import type { Schema } from '../../client/client.ts';
import { counted } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/text.ts';

export type Details = Schema<'SubmissionDetails'>;
type State = Details['state'];

const STATE_COLOURS = {
  planning: 'cyan',
  dispatching: 'cyan',
  paused: 'yellow',
  done: 'green',
  finished: 'green',
  stopped: 'yellow',
  failed: 'red',
} as const;

export function stateWord(state: State, paint: Paint): string {
  return paint(STATE_COLOURS[state], state);
}

/** `forbidden: exclusion 8.8.4.8/29 (project)`. */
export function refusalWords({ reason, detail }: Pick<Schema<'EntryRefusal'>, 'reason' | 'detail'>): string {
  if (detail === null) return reason;
  return `${reason}: ${detail.rule.replaceAll('_', ' ')} ${detail.entry} (${detail.source})`;
}

/** What the numbers of a plan or a scan come to. */
export function summaryLines(
  summary: Schema<'Summary'>,
  refused: readonly Schema<'RefusedRow'>[] | undefined,
  paint: Paint,
): string[] {
  const rows = refused ?? [];
  const listed = rows.reduce((sum, { count }) => sum + count, 0);
  const others = refusedIn(summary) - listed;
  return [
    `${counted(summary.provided)} entries, ${counted(summary.duplicates_removed)} of them twice`,
    ...rows.map((row) => `${paint('yellow', 'refused')} ${counted(row.count)}  ${refusalWords(row)}`),
    ...(others > 0 ? [`${paint('yellow', 'refused')} ${counted(others)}  otherwise`] : []),
  ];
}

export function refusedIn({ refused }: Schema<'Summary'>): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

export function warningLines(warnings: readonly Schema<'Warning'>[], paint: Paint): string[] {
  return warnings.map(({ code, message }) => `${paint('yellow', 'warning')} ${code}: ${message}`);
}

/** What a cancel, an exclusion or a receipt found of what was not done. */
export function takenBack(counts: {
  waiting: number;
  ready: number;
  running: number;
  complete?: boolean;
}): string {
  const { waiting, ready, running, complete = true } = counts;
  const later = complete ? '' : '; RabbitMQ is away, and the rest follows when it is back';
  return `${counted(waiting)} waited, ${counted(ready)} were ready, ${counted(running)} ran${later}`;
}
