/** What several commands say in the same way. */
import type { Schema } from '../../client/client.ts';
import { counted, several } from '../terminal/numbers.ts';
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

/** What the numbers of a plan or a scan come to. Without `rows` by reason, with them by rule. */
export function summaryLines(
  summary: Schema<'Summary'>,
  rows: readonly Schema<'RefusedRow'>[] | undefined,
  paint: Paint,
): string[] {
  const { provided, duplicates_removed, refused } = summary;
  const reasons = Object.entries(refused).flatMap(([reason, count]) => (count > 0 ? { reason, count } : []));
  const refusals = rows?.map((row) => ({ reason: refusalWords(row), count: row.count })) ?? reasons;
  return [
    `${several(provided, 'entry', 'entries')}, ${counted(duplicates_removed)} of them twice`,
    ...refusals.map(({ reason, count }) => `${paint('yellow', 'refused')} ${counted(count)}  ${reason}`),
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
