import type { Schema } from '../../src/client/client.ts';
import { count, counted } from '../format/numbers.ts';
import { duration, moment } from '../format/time.ts';
import { now } from '../state/clock.ts';
import { useAnswer } from '../state/useAnswer.ts';
import { Facts } from './Facts.tsx';
import { Failure } from './Failure.tsx';
import { Loading } from './Notice.tsx';
import { StateLabel } from './StateLabel.tsx';
import './receipt.css';

const SUBMISSIONS = { topics: ['submission'] } as const;

interface Props {
  project: string;
  /** Of a receipt, or `installation`. */
  id: string;
}

/** Since when nothing touches what was excluded or cancelled, or what of it is still out. */
export function Receipt({ project, id }: Props) {
  const asked = { path: { project_id: project, receipt_id: id } };
  const { data, error, reload } = useAnswer('getReceipt', asked, SUBMISSIONS);
  if (error) return <Failure of={error} retry={reload} />;
  if (!data) return <Loading what="The receipt" lines={3} />;
  return <Told receipt={data} />;
}

function Told({ receipt }: { receipt: Schema<'Receipt'> }) {
  const { since, ready, running, waiting, running_targets, last, exclusions, by, at, holds } = receipt;
  return (
    <section class="receipt stack" aria-label="Receipt">
      <div class="row apart">
        <StateLabel
          state={since ? 'ok' : 'running'}
          words={since ? `Nothing of it is out since ${moment(since)}` : 'Some of it is still out'}
        />
        {since && <span class="muted small">for {duration(Math.max(0, now.value - Date.parse(since)))}</span>}
      </div>
      <Facts
        of={[
          ['still waiting', count(waiting)],
          ['ready', count(ready)],
          ['running', count(running)],
          ['by', by],
          ['at', moment(at)],
        ]}
      />
      <p class="mono small pre">
        {exclusions.listed.join(', ')}
        {exclusions.total > exclusions.listed.length &&
          ` and ${counted(exclusions.total - exclusions.listed.length, 'more', 'more')}`}
      </p>
      {running_targets.map(({ task_id, address, worker }) => (
        <p key={task_id} class="small">
          <span class="mono">{address}</span> runs on {worker}
        </p>
      ))}
      <p class="muted small">
        {last
          ? `The last task was ${last.address} on ${last.worker}, ended ${moment(last.ended_at)}. `
          : 'No task of it was seen to end. '}
        {!holds && 'It holds no more: what it excluded may be scanned again.'}
      </p>
    </section>
  );
}
