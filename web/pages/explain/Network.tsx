import type { Schema } from '../../../src/client/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { moment } from '../../format/time.ts';
import { REASONS } from '../../parts/reasons.ts';
import { StateLabel } from '../../parts/StateLabel.tsx';
import { Table } from '../../parts/Table.tsx';
import { linkTo } from '../../state/route.ts';
import { EntryStep, ruleText, Step } from './Chains.tsx';

type Counts = Schema<'ExplainedNetwork'>;
type Address = Schema<'ExplainedAddress'>;

/** What led into a network, what was decided about it, and its first addresses with a link to the chain of each. */
export function Network({
  explanation: { submission, entries, names, addresses },
  counts,
  target,
  project,
}: {
  explanation: Schema<'Explanation'>;
  counts: Counts;
  target: string;
  project: string;
}) {
  const refused = Object.values(counts.refused).reduce((sum, each) => sum + BigInt(each), 0n);
  const all = BigInt(counts.accepted) + refused;
  const more = all - BigInt(addresses.length);
  return (
    <div class="stack">
      <ol class="chain" aria-label={`What became of ${target}`}>
        <EntryStep entries={entries} />
        {names.length > 0 && (
          <Step kind={names.length === 1 ? 'name' : 'names'}>
            <strong class="mono">{names[0]?.name}</strong>
            {names.length > 1 && <small>and {names.length - 1} more</small>}
          </Step>
        )}
        <Step kind="network">
          <strong class="mono">{target}</strong>
          <small>{counted(all.toString(), 'address', 'addresses')} of this scan</small>
        </Step>
        <Decisions counts={counts} />
      </ol>
      <Table label={`Addresses of ${target}`} columns={['address', 'state', 'rule, or worker']}>
        {addresses.map((one) => (
          <tr key={one.address}>
            <td>
              <a class="mono" href={linkTo(['explain'], { project, target: one.address })}>
                {one.address}
              </a>
            </td>
            <td>
              <StateLabel state={one.state} />
            </td>
            <td>{detail(one)}</td>
          </tr>
        ))}
      </Table>
      {more > 0n && (
        <p>
          <a href={linkTo(['scans', project, submission.id], { text: target })}>
            {count(more.toString())} more are among the targets of the scan
          </a>
        </p>
      )}
    </div>
  );
}

function Decisions({ counts: { accepted, refused } }: { counts: Counts }) {
  return (
    <Step kind="decided">
      <strong>{count(accepted)} accepted</strong>
      {REASONS.filter(({ reason }) => refused[reason] !== undefined).map(({ reason, words }) => (
        <small key={reason}>
          {count(refused[reason] ?? 0)} refused: {words}
        </small>
      ))}
    </Step>
  );
}

function detail({ refusal, worker, started_at, sent_at }: Address): string {
  if (refusal) return ruleText(refusal);
  if (worker) return `${worker}${started_at === undefined ? '' : ` since ${moment(started_at * 1_000)}`}`;
  return sent_at ? `sent ${moment(sent_at)}` : '';
}
