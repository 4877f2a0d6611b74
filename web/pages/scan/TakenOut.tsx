import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { counted } from '../../format/numbers.ts';
import { moment } from '../../format/time.ts';
import { Receipt } from '../../parts/Receipt.tsx';

/** What somebody took out of the scan after it had begun, each with its receipt. */
export function TakenOut({ scan }: { scan: Schema<'SubmissionDetails'> }) {
  const [shown, setShown] = useState<string>();
  if (scan.taken_out.length === 0) return null;
  return (
    <section class="panel stack" aria-labelledby="taken-out">
      <h2 id="taken-out">Taken out</h2>
      <ul class="stack">
        {scan.taken_out.map(({ id, how, by, at, entries }) => (
          <li key={id} class="stack tight">
            <div class="row apart">
              <span>
                {how} by {by}, {moment(at)}: <code>{entries.slice(0, 5).join(', ')}</code>
                {entries.length > 5 && ` and ${counted(entries.length - 5, 'more', 'more')}`}
              </span>
              <button
                type="button"
                class="button"
                aria-expanded={shown === id}
                onClick={() => setShown(shown === id ? undefined : id)}
              >
                Receipt
              </button>
            </div>
            {shown === id && <Receipt project={scan.project} id={id} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
