import type { Schema } from '../../../src/client/client.ts';
import { count } from '../../format/numbers.ts';
import { duration, moment } from '../../format/time.ts';
import { Icon } from '../../parts/Icon.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { StateLabel } from '../../parts/StateLabel.tsx';
import { say, sayIfItFails } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';

type Details = Schema<'SubmissionDetails'>;
type Stage = Schema<'StageProgress'>;

interface Props {
  scan: Details;
  isAdmin: boolean;
  onDone: () => void;
}

const WORDS: Readonly<Record<Stage['stage'], string>> = {
  expand: 'reads the entries',
  resolve: 'looks up names',
  dedup: 'decides what is scanned',
  split: 'cuts it into batches',
  publish: 'sends the tasks',
  submission: 'checks that all was sent',
};

/** The six stages in a line, and what to do when one of them failed. */
export function Stages({ scan, isAdmin, onDone }: Props) {
  const { failure } = scan;
  const retry = async () => {
    const path = { project_id: scan.project, submission_id: scan.id };
    const { retried } = await call('retryStages', { path });
    say(retried.length === 0 ? 'No stage is failed any more' : `Tried again: ${retried.join(', ')}`);
    onDone();
  };
  return (
    <section class="panel" aria-labelledby="stages">
      <h2 id="stages">Stages</h2>
      <ol class="stages">
        {scan.stages.map((stage) => (
          <StageItem key={stage.stage} stage={stage} />
        ))}
      </ol>
      {failure && (
        <Notice tone="bad" title={`${failure.stage} failed and waits for a retry`}>
          <p class="pre">{failure.reason}</p>
          <div class="row">
            <button type="button" class="button" onClick={() => void sayIfItFails(retry())}>
              <Icon name="retry" />
              Retry {failure.stage}
            </button>
            {isAdmin && (
              <a class="button plain" href={`/board/queue/${failure.stage}?status=failed`}>
                Failed jobs on the board
              </a>
            )}
          </div>
        </Notice>
      )}
      {isAdmin && !failure && (
        <p class="small">
          <a href={`/board/queue/submission/${scan.id}-submission`}>Its jobs on the board</a>
        </p>
      )}
    </section>
  );
}

function StageItem({ stage: progress }: { stage: Stage }) {
  const { stage, state, done, total, began_at, ended_at } = progress;
  const time = timeOf(progress);
  const span = began_at ? `${moment(began_at)} to ${ended_at ? moment(ended_at) : 'now'}` : '';
  return (
    <li class={`stage stage-${state}`} title={`${WORDS[stage]} ${span}`.trim()}>
      <StateLabel state={state} words={stage} />
      <span class="small muted">
        {state}
        {done !== undefined && total !== undefined && ` · ${count(done)} of ${count(total)}`}
      </span>
      {time && <span class="small muted">{time}</span>}
    </li>
  );
}

/** How long it took, or since when it runs. */
function timeOf({ began_at, ended_at }: Stage): string | undefined {
  if (began_at === null) return undefined;
  if (ended_at === null) return `since ${moment(began_at).slice(11)}`;
  return `took ${duration(Date.parse(ended_at) - Date.parse(began_at))}`;
}
