import type { Schema } from '../../../src/client/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { reasonWords } from '../../parts/reasons.ts';
import { Table } from '../../parts/Table.tsx';

type Entry = Schema<'EntryReport'>;

/** Lines that are in the page at once. */
const SHOWN = 500;

const COLUMNS = [
  'entry',
  { name: 'addresses', class: 'number' },
  { name: 'scanned', class: 'number' },
  'what of it is not',
] as const;

/** What each entry came to. */
export function PlanEntries({ entries }: { entries: readonly Entry[] }) {
  return (
    <div class="stack tight">
      <h3>By entry</h3>
      <Table class="entry-list" label="By entry" columns={COLUMNS}>
        {entries.slice(0, SHOWN).map((entry) => (
          <tr key={`${entry.item} ${entry.line} ${entry.column}`}>
            <td>
              <span class="mono">{entry.entry}</span>
              <NameNote entry={entry} />
            </td>
            <td class="number">{count(entry.addresses)}</td>
            <td class="number">{count(entry.accepted)}</td>
            <td class="small">
              {entry.refused.map((row) => (
                <p key={`${row.reason} ${row.detail?.entry}`}>{refusalText(row)}</p>
              ))}
              {entry.covered_by && (
                <p class="muted">also in {entry.covered_by.map((one) => one.entry).join(', ')}</p>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {entries.length > SHOWN && (
        <p class="small muted">and {counted(entries.length - SHOWN, 'entry', 'entries')} more</p>
      )}
    </div>
  );
}

function NameNote({ entry: { name } }: { entry: Entry }) {
  if (!name) return null;
  const { chain, addresses, failure, wildcard } = name;
  return (
    <p class="small muted">
      {[...chain, addresses.join(', ')].filter(Boolean).join(' → ')}
      {failure && ` ${failure}`}
      {wildcard && ' (its domain answers for every name)'}
    </p>
  );
}

function refusalText({ reason, detail, count: refused }: Schema<'EntryRefusal'>): string {
  const rule = detail ? `: ${detail.entry} (${detail.source})` : '';
  return `${count(refused)} ${reasonWords(reason)}${rule}`;
}
