import { setTimeout } from 'node:timers/promises';
import { ApiError } from '../../client/client.ts';
import type { Call } from '../action.ts';
import { EXIT, Exit } from '../exitCodes.ts';
import { connectionCode } from '../failures.ts';
import { scanPath } from '../scans/newest.ts';
import { runningIn } from '../scans/running.ts';
import { scanView } from '../scans/scanView.ts';
import type { Details } from '../scans/words.ts';
import type { Session } from '../session.ts';
import { counted } from '../terminal/numbers.ts';
import { LiveRegion } from '../terminal/region.ts';
import { withoutControls } from '../terminal/text.ts';

const POLL_MS = 1_000;
/** So long a server may be away while somebody watches. */
const PATIENCE_MS = 120_000;
/** Where nobody looks, numbers are told this seldom; a new state at once. */
const LOG_MS = 10_000;
const ENDED: readonly Details['state'][] = ['finished', 'stopped', 'failed'];

interface Look {
  details: Details;
  running: number;
}

export async function watch({ session, args: [id] }: Call<object, [string | undefined]>): Promise<void> {
  await watchScan(session, (await scanPath(session, id)).submission_id);
}

/** Resolves when the scan is finished. @throws Exit when it failed, was stopped, or Ctrl-C came */
export async function watchScan(session: Session, id: string): Promise<void> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.on('SIGINT', onInterrupt);
  const show = viewFor(session);
  try {
    for await (const look of looks(session, id, interrupt.signal)) {
      show(look);
      if (ENDED.includes(look.details.state)) return verdict(look.details);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    throw new Exit(EXIT.interrupted, `no longer watched, and the scan goes on: tasker watch ${id}`);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** One a second. A server that is away for a moment is asked again. */
async function* looks(session: Session, id: string, signal: AbortSignal): AsyncGenerator<Look> {
  const { client, out } = session;
  const path = { ...session.project(), submission_id: id };
  let answeredAt = Date.now();
  let isAway = false;
  for (;;) {
    try {
      const { answer: details } = await client.call('getSubmission', { path }, { signal });
      const running = await runningIn(session);
      answeredAt = Date.now();
      isAway = false;
      yield { details, running };
    } catch (error) {
      const mayPass = error instanceof ApiError ? error.status === 503 : connectionCode(error) !== undefined;
      if (signal.aborted || !mayPass || Date.now() - answeredAt > PATIENCE_MS) throw error;
      if (!isAway) out.note('no answer; asking again');
      isAway = true;
    }
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

function viewFor(session: Session): (look: Look) => void {
  const { out } = session;
  if (out.json) return ({ details }) => void out.value(details);
  return out.terminal ? liveView(session, out.terminal) : logView(session);
}

function liveView({ out }: Session, terminal: NodeJS.WriteStream): (look: Look) => void {
  const region = new LiveRegion(terminal);
  return ({ details, running }) =>
    region.draw(
      scanView(details, { running, paint: out.paint, columns: terminal.columns }).map(withoutControls),
    );
}

/** One line at a time, for logs. */
function logView({ out }: Session): (look: Look) => void {
  let told = '';
  let toldAt = 0;
  return ({ details: { id, state, progress } }) => {
    if (state === told && Date.now() - toldAt < LOG_MS) return;
    told = state;
    toldAt = Date.now();
    const { done, total, failed } = progress;
    out.lines([`${id}  ${state}  ${counted(done)} of ${counted(total)} done, ${counted(failed)} failed`]);
  };
}

function verdict({ id, state, failure }: Details): void {
  if (state === 'finished') return;
  if (state === 'stopped') throw new Exit(EXIT.scanFailed, 'the scan was stopped');
  const why = failure ? `${failure.stage}: ${failure.reason}` : 'a stage gave up';
  throw new Exit(EXIT.scanFailed, `${why}: remove the cause, then tasker retry-stages ${id}`);
}
