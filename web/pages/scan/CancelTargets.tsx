import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count } from '../../format/numbers.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { say } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';

interface Props {
  scan: Schema<'SubmissionDetails'>;
  onDone: () => void;
}

const OPEN: readonly string[] = ['planning', 'dispatching', 'paused', 'done', 'failed'];

/** Takes addresses, networks or names out of this scan, at once. */
export function CancelTargets({ scan, onDone }: Props) {
  const [isAsking, setAsking] = useState(false);
  const [text, setText] = useState('');
  const cancel = async () => {
    const answer = await call('cancelTargets', {
      path: { project_id: scan.project },
      body: { hosts: [text], submission: scan.id },
    });
    const { waiting, ready, running, done, unmatched } = answer;
    const missed = unmatched.length > 0 ? `\nNothing of this scan: ${unmatched.join(', ')}` : '';
    say(
      `Taken out: ${count(waiting)} waiting, ${count(ready)} ready, ${count(running)} running; ${count(done)} were done${missed}`,
    );
    setText('');
    onDone();
  };
  if (!OPEN.includes(scan.state)) return null;
  return (
    <>
      <button type="button" class="button" onClick={() => setAsking(true)}>
        Cancel targets
      </button>
      {isAsking && (
        <Dialog
          title="Cancel targets of this scan"
          action="Cancel these targets"
          danger
          isReady={text.trim() !== ''}
          onDo={cancel}
          onClose={() => setAsking(false)}
        >
          <label class="field">
            <span class="label">Addresses, networks, ranges or names</span>
            <textarea rows={4} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
            <span class="hint">
              What waits is never scanned, and what runs is killed. A receipt tells when nothing of it is out.
            </span>
          </label>
        </Dialog>
      )}
    </>
  );
}
