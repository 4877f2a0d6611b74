import type { Schema } from '../../../src/client/client.ts';
import { moment } from '../../format/time.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Scrolled } from '../../parts/Scrolled.tsx';
import { useAnswer } from '../../state/useAnswer.ts';

type Entry = Schema<'AuditEntry'>;

interface Props {
  project: string;
  /** Of the scan, and of the plan that it is a run of. */
  ids: readonly string[];
  since: string;
}

const SUBMISSIONS = { topics: ['submission'] } as const;

const BEFORE_MS = 5_000;

/** Who did what to the scan. */
export function Audit({ project, ids, since }: Props) {
  // That it began was noted a moment before.
  const from = new Date(Date.parse(since) - BEFORE_MS).toISOString();
  const asked = { path: { project_id: project }, query: { since: from, limit: 200 } };
  const { data, error, reload } = useAnswer('listProjectAuditEntries', asked, SUBMISSIONS);
  const entries = data?.entries.filter((entry) => isAbout(entry, ids)) ?? [];
  return (
    <section class="panel" aria-labelledby="audit">
      <h2 id="audit">Who did what</h2>
      {error && <Failure of={error} retry={reload} />}
      {data && entries.length === 0 && <p class="muted">Nobody has touched it.</p>}
      {entries.length > 0 && (
        <Scrolled class="scroll" label="List of what was done">
          <table>
            <thead>
              <tr>
                <th scope="col">when</th>
                <th scope="col">who</th>
                <th scope="col">what</th>
                <th scope="col">outcome</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={entry.id}>
                  <td class="nowrap">{moment(entry.at)}</td>
                  <td>{entry.user?.username ?? 'nobody known'}</td>
                  <td>{wordsOf(entry)}</td>
                  <td class="muted">{entry.outcome}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolled>
      )}
    </section>
  );
}

/** What the project does as a whole is about each of its scans. */
function isAbout({ on, event }: Entry, ids: readonly string[]): boolean {
  const text = JSON.stringify(on ?? null);
  return event.startsWith('project.') || ids.some((id) => text.includes(id));
}

function wordsOf({ event, after }: Entry): string {
  const [what = '', how = ''] = event.split('.');
  const more = after === null ? '' : `: ${JSON.stringify(after).slice(0, 160)}`;
  return `${what} ${how}${more}`;
}
