/** A scan as a few lines that fit into any width. */
import { bar, legend, type Segment } from '../terminal/bar.ts';
import { duration, localTime } from '../terminal/numbers.ts';
import { type Paint, wrap } from '../terminal/text.ts';
import { type Details, refusedIn, stateWord } from './words.ts';

export interface ViewOptions {
  /** Tasks of the project that run; of them no more can be the scan's than are out. */
  running: number;
  paint: Paint;
  columns: number;
}

const WIDEST_BAR = 60;

export function scanView(details: Details, { running, paint, columns }: ViewOptions): string[] {
  const { id, state, priority, user, progress } = details;
  const segments = segmentsOf(details, running);
  const ended = progress.total - progress.remaining;
  const share = progress.total === 0 ? '' : ` ${Math.floor((100 * ended) / progress.total)} %`;
  const cells = Math.max(5, Math.min(WIDEST_BAR, columns - 6));
  const tasks = segments.filter(({ name }) => name !== 'refused');
  const head = [paint('bold', id), stateWord(state, paint), `priority ${priority}`, `by ${user.username}`];
  return [
    ...wrap(head, columns),
    ...(progress.total > 0 ? [bar(tasks, cells, paint) + share] : []),
    ...wrap(legend(segments, paint), columns),
    ...wrap(remarks(details, paint), columns),
  ];
}

/** Every task is in one of them; refused addresses never became one. */
function segmentsOf({ progress, summary }: Details, runningInProject: number): Segment[] {
  const { total, sent, done, dropped, stopped, failed, remaining } = progress;
  const waiting = Math.min(remaining, Math.max(0, total - sent));
  const out = remaining - waiting;
  const running = Math.min(out, runningInProject);
  const all: Segment[] = [
    { name: 'done', count: done, sign: '█', colour: 'green' },
    { name: 'failed', count: failed, sign: '×', colour: 'red' },
    { name: 'dropped', count: dropped, sign: '-', colour: 'yellow' },
    { name: 'stopped', count: stopped, sign: '-', colour: 'yellow' },
    { name: 'running', count: running, sign: '▓', colour: 'cyan' },
    { name: 'ready', count: out - running, sign: '▒', colour: 'blue' },
    { name: 'waiting', count: waiting, sign: '░', colour: 'grey' },
    { name: 'refused', count: refusedIn(summary), sign: '·', colour: 'yellow' },
  ];
  const seldom = ['dropped', 'stopped'];
  return all.filter(({ name, count }) => count > 0 || !seldom.includes(name));
}

/** What it waits for, or when it ends. */
function remarks(details: Details, paint: Paint): string[] {
  const { state, estimate, paused, failure, progress, stages, times } = details;
  if (failure) return [paint('red', `${failure.stage} gave up: ${failure.reason}`)];
  if (paused !== null) return [paint('yellow', paused)];
  if (state === 'planning') return stages.filter((one) => one.state !== 'waiting').map(stageWord);
  const resent = progress.resent > 0 ? [`${progress.resent} sent again`] : [];
  if (estimate === null)
    return times.finished_at === null ? resent : [`finished ${localTime(times.finished_at)}`];
  const left = (Date.parse(estimate.ends_at) - Date.now()) / 1_000;
  return [
    `${estimate.rate_per_s}/s`,
    `${duration(left)} left`,
    `until ${localTime(estimate.ends_at)}`,
    ...resent,
  ];
}

function stageWord({ stage, state, done, total }: Details['stages'][number]): string {
  if (state === 'done') return `${stage} ✓`;
  return total === undefined || total < 2 ? `${stage} ${state}` : `${stage} ${done ?? 0}/${total}`;
}
