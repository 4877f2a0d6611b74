import { useState } from 'preact/hooks';
import { RunningChoice } from '../../actions/TakeBackDialog.tsx';
import { count, counted } from '../../format/numbers.ts';
import { moment } from '../../format/time.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { say, sayIfItFails } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';
import { useAnswer } from '../../state/useAnswer.ts';

const DISPATCH = { topics: ['dispatch'] } as const;

/** Nothing goes out any more, of nobody; or on with all of it. */
export function PauseAll({ running }: { running: number }) {
  const [isAsking, setAsking] = useState(false);
  const { data, reload } = useAnswer('getReadiness', {}, DISPATCH);
  const resume = async () => {
    await call('resumeDispatch', {});
    say('Tasks go out again');
    reload();
  };
  if (data?.paused)
    return (
      <div class="row">
        <span class="small">
          Paused by {data.paused.by}, {moment(data.paused.since)}
          {data.paused.why && `: ${data.paused.why}`}
        </span>
        <button type="button" class="button main" onClick={() => void sayIfItFails(resume())}>
          <Icon name="play" />
          Resume everything
        </button>
      </div>
    );
  return (
    <>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        <Icon name="pause" />
        Pause everything
      </button>
      {isAsking && <PauseDialog running={running} onDone={reload} onClose={() => setAsking(false)} />}
    </>
  );
}

interface Props {
  running: number;
  onDone: () => void;
  onClose: () => void;
}

function PauseDialog({ running, onDone, onClose }: Props) {
  const [fate, setFate] = useState<'finish' | 'kill'>('finish');
  const [why, setWhy] = useState('');
  const pause = async () => {
    const answer = await call('pauseDispatch', { body: { running: fate, why: why.trim() || null } });
    say(`Paused: ${counted(answer.ready, 'task')} came back, ${count(answer.running)} running`);
    onDone();
  };
  return (
    <Dialog title="Pause everything?" action="Pause everything" danger onDo={pause} onClose={onClose}>
      <p>No task of any project goes out until somebody resumes. What is ready in RabbitMQ comes back.</p>
      <RunningChoice runs={running} value={fate} onChange={setFate} />
      <label class="field">
        <span class="label">Why (everybody sees it)</span>
        <input value={why} maxLength={200} onInput={({ currentTarget }) => setWhy(currentTarget.value)} />
      </label>
    </Dialog>
  );
}
