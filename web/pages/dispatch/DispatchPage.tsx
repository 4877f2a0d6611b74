import { useMemo } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count, rate } from '../../format/numbers.ts';
import { Curve } from '../../parts/Curve.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { Failure } from '../../parts/Failure.tsx';
import { Empty, Loading } from '../../parts/Notice.tsx';
import { useAnswer } from '../../state/useAnswer.ts';
import { PauseAll } from './PauseAll.tsx';
import { Shares } from './Shares.tsx';

const DISPATCH = { topics: ['dispatch'] } as const;

/** For admins: how tasks go out, and how the workers are shared. */
export function DispatchPage() {
  const status = useAnswer('getDispatch', {}, DISPATCH);
  const history = useAnswer('getDispatchHistory', {}, DISPATCH);
  const { data, error, reload } = status;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Dispatch</h1>
          <p>How fast tasks go out, and how the projects share the workers.</p>
        </div>
        <PauseAll running={data?.running ?? 0} />
      </div>
      {error && <Failure of={error} retry={reload} />}
      {!data && !error && <Loading what="The dispatch" />}
      {data && <Now status={data} />}
      {history.data && history.data.at.length > 1 && <Curves history={history.data} />}
      {history.data && history.data.at.length <= 1 && (
        <Empty title="No curves yet">
          <p>They need a minute of history. They go back an hour at most.</p>
        </Empty>
      )}
      {data && <Shares projects={data.projects} onDone={reload} />}
    </>
  );
}

function Now({ status: { window, workers, running } }: { status: Schema<'DispatchStatus'> }) {
  return (
    <section class="panel" aria-label="Now">
      <Facts
        class="large"
        of={[
          ['window', <Limit key="window" limit={window.limit} />],
          ['ready', known(window.ready)],
          ['running', count(running)],
          ['workers', count(workers)],
          ['taken', rate(window.rate)],
        ]}
      />
    </section>
  );
}

function known(number: number | null): string {
  return number === null ? '–' : count(number);
}

function Limit({ limit }: { limit: number | null }) {
  return (
    <span title={limit === null ? 'Nothing was sent in the last minute' : undefined}>{known(limit)}</span>
  );
}

function Curves({ history }: { history: Schema<'DispatchHistory'> }) {
  const { at, window, ready, running, tasks_per_minute } = history;
  const queue = useMemo(
    () => [
      { name: 'window', color: '--line-strong', values: window, isDashed: true } as const,
      { name: 'ready', color: '--refused', values: ready } as const,
      { name: 'running', color: '--running', values: running, isFilled: true } as const,
    ],
    [window, ready, running],
  );
  const perMinute = useMemo(
    () => [{ name: 'tasks a minute', color: '--done', values: tasks_per_minute, isFilled: true } as const],
    [tasks_per_minute],
  );
  return (
    <div class="columns">
      <section class="panel" aria-labelledby="queue">
        <h2 id="queue">Window, ready, running</h2>
        <Curve times={at} lines={queue} label="Window, ready and running tasks of the last hour" />
      </section>
      <section class="panel" aria-labelledby="per-minute">
        <h2 id="per-minute">Tasks a minute</h2>
        <Curve times={at} lines={perMinute} label="Tasks a minute of the last hour" />
      </section>
    </div>
  );
}
