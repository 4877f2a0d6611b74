import type { Schema } from '../../../src/client/client.ts';
import { moment } from '../../format/time.ts';
import { Failure } from '../../parts/Failure.tsx';
import { Table } from '../../parts/Table.tsx';
import { useAnswer } from '../../state/useAnswer.ts';

type Entry = Schema<'AuditEntry'>;

interface Props {
  project: string;
  id: string;
}

const SUBMISSIONS = { topics: ['submission'] } as const;

/** Who did what to the scan. */
export function Audit({ project, id }: Props) {
  const asked = { path: { project_id: project }, query: { submission: id, limit: 200 } };
  const { data, error, reload } = useAnswer('listProjectAuditEntries', asked, SUBMISSIONS);
  const entries = data?.entries ?? [];
  return (
    <section class="panel" aria-labelledby="audit">
      <h2 id="audit">Who did what</h2>
      {error && <Failure of={error} retry={reload} />}
      {data && entries.length === 0 && <p class="muted">Nobody has touched it.</p>}
      {entries.length > 0 && (
        <Table label="List of what was done" columns={['when', 'who', 'what', 'outcome']}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td class="nowrap">{moment(entry.at)}</td>
              <td>{entry.user?.username ?? 'nobody known'}</td>
              <td>{wordsOf(entry)}</td>
              <td class="muted">{entry.outcome}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function wordsOf({ event, after }: Entry): string {
  const [what = '', how = ''] = event.split('.');
  const more = after === null ? '' : `: ${JSON.stringify(after).slice(0, 160)}`;
  return `${what} ${how}${more}`;
}
