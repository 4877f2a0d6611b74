import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { call } from '../../state/calls.ts';

interface Props {
  id: string;
  isAdmin: boolean;
  onDone: (receipt: Schema<'AppliedExclusions'> | undefined) => void;
  onClose: () => void;
}

export function AddExclusions({ id, isAdmin, onDone, onClose }: Props) {
  const [text, setText] = useState('');
  const [why, setWhy] = useState('');
  const [until, setUntil] = useState('');
  const [running, setRunning] = useState<'finish' | 'kill'>('kill');
  const [isLocked, setLocked] = useState(false);

  const add = async () => {
    const { receipt } = await call('addExclusions', {
      path: { project_id: id },
      body: {
        hosts: text.split('\n').filter((line) => line.trim() !== ''),
        ...(why.trim() && { why: why.trim() }),
        ...(until && { until: new Date(until).toISOString() }),
        ...(isLocked && { locked: true }),
        running,
      },
    });
    onDone(receipt);
  };

  return (
    <Dialog
      title="Exclude from all scans of the project"
      action="Exclude"
      isReady={text.trim() !== ''}
      onDo={add}
      onClose={onClose}
    >
      <label class="field">
        <span class="label">Addresses, networks, names, or *.domain</span>
        <textarea
          rows={4}
          placeholder={'203.0.113.0/28\n*.payments.example.com'}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="label">Why</span>
        <input
          maxLength={500}
          placeholder="out of scope by contract, annex B"
          value={why}
          onInput={({ currentTarget }) => setWhy(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="label">Until (in your time zone; empty: for good)</span>
        <input
          type="datetime-local"
          value={until}
          onInput={({ currentTarget }) => setUntil(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="label">Tasks that run on it now</span>
        <select
          value={running}
          onChange={({ currentTarget }) => setRunning(currentTarget.value === 'finish' ? 'finish' : 'kill')}
        >
          <option value="kill">are killed at once</option>
          <option value="finish">may end by themselves</option>
        </select>
      </label>
      {isAdmin && (
        <label class="check">
          <input
            type="checkbox"
            checked={isLocked}
            onChange={({ currentTarget }) => setLocked(currentTarget.checked)}
          />
          Only an admin ends it
        </label>
      )}
    </Dialog>
  );
}
