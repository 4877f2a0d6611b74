import { useState } from 'preact/hooks';
import { count, counted } from '../format/numbers.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { say } from '../parts/toasts.tsx';
import { call } from '../state/calls.ts';
import type { ScanToChange } from './ScanActions.tsx';

interface Props {
  scan: ScanToChange;
  how: 'pause' | 'cancel';
  onDone: () => void;
  onClose: () => void;
}

type Running = 'finish' | 'kill';

/** Pause or cancel: with the numbers, and what becomes of the tasks that run. */
export function TakeBackDialog({ scan, how, onDone, onClose }: Props) {
  const isCancel = how === 'cancel';
  const [running, setRunning] = useState<Running>(isCancel ? 'kill' : 'finish');
  const [why, setWhy] = useState('');
  const { waiting, ready, running: runs } = scan.open;

  const act = async () => {
    const path = { project_id: scan.project, submission_id: scan.id };
    const body = { running, why: why.trim() || null };
    if (isCancel) {
      const answer = await call('cancelSubmission', { path, body });
      say(
        `Cancelled: ${count(answer.waiting)} waiting, ${count(answer.ready)} ready, ${count(answer.running)} running`,
      );
    } else {
      const answer = await call('pauseSubmission', { path, body });
      say(`Paused: ${counted(answer.ready, 'task')} came back, ${count(answer.running)} running`);
    }
    onDone();
  };

  return (
    <Dialog
      title={isCancel ? 'Cancel this scan?' : 'Pause this scan?'}
      action={isCancel ? 'Cancel the scan' : 'Pause'}
      danger={isCancel}
      onDo={act}
      onClose={onClose}
    >
      <p>
        {counted(waiting, 'target')} {waiting === 1 ? 'waits' : 'wait'} and {count(ready)}{' '}
        {ready === 1 ? 'is' : 'are'} ready for a worker:{' '}
        {isCancel ? 'they are never scanned.' : 'they stay in Tasker until you resume.'}
      </p>
      <RunningChoice runs={runs} value={running} onChange={setRunning} />
      <label class="field">
        <span class="label">Why (the audit trail keeps it)</span>
        <input value={why} maxLength={200} onInput={(event) => setWhy(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

interface ChoiceProps {
  runs: number;
  value: Running;
  onChange: (value: Running) => void;
}

export function RunningChoice({ runs, value, onChange }: ChoiceProps) {
  return (
    <label class="field">
      <span class="label">{count(runs)} running now</span>
      <select
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value === 'kill' ? 'kill' : 'finish')}
      >
        <option value="finish">may end by themselves</option>
        <option value="kill">are killed at once</option>
      </select>
    </label>
  );
}
