import { useEffect, useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { call } from '../../state/calls.ts';

export interface Checked {
  answer?: Schema<'CheckedEntries'>;
  error?: Error;
  isBusy: boolean;
}

/** How many entries cannot be read. A total is told only when not all of them are listed. */
export function wrongOf({ problems, problems_total }: Schema<'CheckedEntries'>): number {
  return problems_total ?? problems.length;
}

/** After the last key; a long list is not sent with each pause. */
const PAUSE_MS = 300;
const LONG_PAUSE_MS = 1_500;
const LONG_TEXT = 256 * 1024;

/** What the API reads in a text, as it is typed. */
export function useChecked(project: string | undefined, text: string): Checked {
  const [checked, setChecked] = useState<Checked>({ isBusy: false });
  useEffect(() => {
    if (!project || text.trim() === '') {
      setChecked({ isBusy: false });
      return;
    }
    const gone = new AbortController();
    const check = async () => {
      try {
        const path = { project_id: project };
        const answer = await call('checkEntries', { path, body: { hosts: [text] } }, { signal: gone.signal });
        setChecked({ answer, isBusy: false });
      } catch (failure) {
        if (gone.signal.aborted) return;
        const error = failure instanceof Error ? failure : new Error(String(failure));
        setChecked({ error, isBusy: false });
      }
    };
    setChecked((before) => ({ ...before, isBusy: true }));
    const timer = setTimeout(() => void check(), text.length > LONG_TEXT ? LONG_PAUSE_MS : PAUSE_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [project, text]);
  return checked;
}
