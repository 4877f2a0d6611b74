import { useState } from 'preact/hooks';
import { count, counted } from '../format/numbers.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Failure } from '../parts/Failure.tsx';
import { Icon } from '../parts/Icon.tsx';
import { say } from '../parts/toasts.tsx';
import { call } from '../state/calls.ts';
import { useAnswer } from '../state/useAnswer.ts';

/** Takes back everything of a project, after a question that names how much that is. */
export function StopProject({ project, onDone }: { project: string; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class="button danger" onClick={() => setAsking(true)}>
        <Icon name="stop" />
        Stop the project
      </button>
      {isAsking && <StopDialog project={project} onDone={onDone} onClose={() => setAsking(false)} />}
    </>
  );
}

interface Props {
  project: string;
  onDone: () => void;
  onClose: () => void;
}

function StopDialog({ project, onDone, onClose }: Props) {
  const status = useAnswer('getProjectStatus', { path: { project_id: project } });
  const stop = async () => {
    const { revoked } = await call('stopProject', { path: { project_id: project } });
    say(`Stopped: ${counted(revoked, 'task')} taken back`);
    onDone();
  };
  const { data, error, reload } = status;
  return (
    <Dialog
      title="Stop the project?"
      action="Stop everything"
      danger
      isReady={data !== undefined}
      onDo={stop}
      onClose={onClose}
    >
      <p class="mono small">{project}</p>
      {error && <Failure of={error} retry={reload} />}
      {data && (
        <p>
          <strong>{counted(data.active_or_queued, 'target')}</strong> of all its scans{' '}
          {data.active_or_queued === 1 ? 'is' : 'are'} not done: {count(data.running)} of them running. All
          are taken back, what runs is killed, and plans that are still being made end. This cannot be undone.
        </p>
      )}
      {!data && !error && <p>The numbers are loading …</p>}
    </Dialog>
  );
}
