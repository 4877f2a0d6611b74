import { useState } from 'preact/hooks';
import type { Schema } from '../../src/client/client.ts';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { say, sayIfItFails } from '../parts/toasts.tsx';
import { call } from '../state/calls.ts';
import { TakeBackDialog } from './TakeBackDialog.tsx';

type State = Schema<'Submission'>['state'];

export interface ScanToChange {
  id: string;
  project: string;
  state: State;
  priority: number;
  /** How many wait, are ready, and run: what a cancel takes back. */
  open: { waiting: number; ready: number; running: number };
}

interface Props {
  scan: ScanToChange;
  isAdmin: boolean;
  /** In a list: the words are read aloud, and shown over the button. */
  isCompact?: boolean;
  /** When something was changed. */
  onDone: () => void;
}

/** Of one that has sent everything, nothing is left to hold back or to put first. */
const MAY_PAUSE: readonly State[] = ['planning', 'dispatching'];
const MAY_ORDER: readonly State[] = ['planning', 'dispatching', 'paused', 'failed'];
const MAY_CANCEL: readonly State[] = ['planning', 'dispatching', 'paused', 'done', 'failed'];

/** What can be done to one scan in its state. */
export function ScanActions({ scan, isAdmin, isCompact = false, onDone }: Props) {
  const [asking, setAsking] = useState<'pause' | 'cancel'>();
  const path = { project_id: scan.project, submission_id: scan.id };
  const resume = async () => {
    await call('resumeSubmission', { path });
    say('The scan goes on');
    onDone();
  };
  if (!MAY_CANCEL.includes(scan.state)) return null;
  return (
    <div class="row">
      {MAY_PAUSE.includes(scan.state) && (
        <Button icon="pause" words="Pause" isCompact={isCompact} onClick={() => setAsking('pause')} />
      )}
      {scan.state === 'paused' && (
        <Button
          icon="play"
          words="Resume"
          isCompact={isCompact}
          onClick={() => void sayIfItFails(resume())}
        />
      )}
      <Button
        icon="cancel"
        words="Cancel"
        isDanger
        isCompact={isCompact}
        onClick={() => setAsking('cancel')}
      />
      {MAY_ORDER.includes(scan.state) && <Priority scan={scan} isAdmin={isAdmin} onDone={onDone} />}
      {asking && (
        <TakeBackDialog scan={scan} how={asking} onDone={onDone} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}

interface ButtonProps {
  icon: IconName;
  words: string;
  isDanger?: boolean;
  isCompact: boolean;
  onClick: () => void;
}

function Button({ icon, words, isDanger = false, isCompact, onClick }: ButtonProps) {
  const classes = ['button', isDanger && 'danger', isCompact && 'icon'].filter(Boolean).join(' ');
  return (
    <button type="button" class={classes} title={isCompact ? words : undefined} onClick={onClick}>
      <Icon name={icon} />
      <span class={isCompact ? 'hidden-text' : undefined}>{words}</span>
    </button>
  );
}

const PRIORITIES = [1, 2, 3, 4, 5] as const;
const WORDS = ['first', 'early', 'normal', 'late', 'last'] as const;

function Priority({ scan, isAdmin, onDone }: Props) {
  const change = async (priority: (typeof PRIORITIES)[number]) => {
    await call('changeSubmission', {
      path: { project_id: scan.project, submission_id: scan.id },
      body: { priority },
    });
    say(`Priority ${priority} (${WORDS[priority - 1]})`);
    onDone();
  };
  return (
    <label class="priority">
      <span class="hidden-text">Priority</span>
      <select
        value={String(scan.priority)}
        onChange={({ currentTarget }) => {
          const chosen = PRIORITIES.find((one) => String(one) === currentTarget.value);
          if (chosen) void sayIfItFails(change(chosen));
        }}
      >
        {PRIORITIES.map((one) => (
          <option key={one} value={one} disabled={one === 1 && !isAdmin}>
            {one} · {WORDS[one - 1]}
          </option>
        ))}
      </select>
    </label>
  );
}
