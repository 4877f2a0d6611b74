import type { ComponentChildren } from 'preact';
import type { Schema } from '../../../src/client/client.ts';
import { duration, moment } from '../../format/time.ts';
import { reasonWords } from '../../parts/reasons.ts';
import { StateLabel } from '../../parts/StateLabel.tsx';

type Explanation = Schema<'Explanation'>;
type Name = Schema<'ExplainedName'>;
type Address = Schema<'ExplainedAddress'>;

/** From the entry to the end, step by step, a chain for each address. */
export function Chains({ explanation }: { explanation: Explanation }) {
  const { entries, names, addresses } = explanation;
  const lost = names.filter((name) => name.addresses.length === 0 || name.refusal);
  return (
    <div class="stack">
      {addresses.map((address) => (
        <ol
          key={address.address}
          class="chain"
          aria-label={`How ${address.address} came to be ${address.state}`}
        >
          <EntryStep entries={entries} />
          {names
            .filter((name) => name.addresses.includes(address.address))
            .map((name) => (
              <NameStep key={name.name} name={name} />
            ))}
          <Step kind="address">
            <strong class="mono">{address.address}</strong>
            {address.moved_from && <small>in the place of {address.moved_from}</small>}
          </Step>
          <DecisionStep address={address} />
          <EndStep address={address} />
        </ol>
      ))}
      {lost
        .filter(({ addresses: own }) => own.length === 0)
        .map((name) => (
          <ol key={name.name} class="chain" aria-label={`What became of ${name.name}`}>
            <EntryStep entries={entries} />
            <NameStep name={name} />
            <Step kind="end">
              <StateLabel state="refused" />
              <small>
                {name.refusal ? ruleText(name.refusal) : 'It has no address of the wanted family.'}
              </small>
            </Step>
          </ol>
        ))}
    </div>
  );
}

export function Step({ kind, children }: { kind: string; children: ComponentChildren }) {
  return (
    <li class="step">
      <span class="step-kind">{kind}</span>
      {children}
    </li>
  );
}

const ENTRIES_SHOWN = 4;

export function EntryStep({ entries }: Pick<Explanation, 'entries'>) {
  const more = entries.length - ENTRIES_SHOWN;
  return (
    <Step kind={entries.length === 1 ? 'entry' : 'entries'}>
      {entries.slice(0, ENTRIES_SHOWN).map(({ entry, item, line, column }) => (
        <span key={`${item} ${line} ${column}`}>
          <strong class="mono">{entry}</strong>{' '}
          <small>
            line {line}, column {column}
            {item > 0 && ` of item ${item}`}
          </small>
        </span>
      ))}
      {more > 0 && <small>and {more} more</small>}
    </Step>
  );
}

function NameStep({ name: { name, chain, ttl_s, wildcard, looked_up_at, unanswered } }: { name: Name }) {
  return (
    <>
      <Step kind="name">
        <strong class="mono">{name}</strong>
        {looked_up_at && <small>looked up {moment(looked_up_at).slice(11)}</small>}
        {ttl_s !== undefined && <small>good for {duration(ttl_s * 1_000)}</small>}
        {wildcard && <small>its domain answers for every name</small>}
        {unanswered && (
          <small>
            IPv{unanswered.family} was not answered: {unanswered.failure}
          </small>
        )}
      </Step>
      {chain
        .filter((alias) => alias !== name)
        .map((alias) => (
          <Step key={alias} kind="CNAME">
            <strong class="mono">{alias}</strong>
          </Step>
        ))}
    </>
  );
}

export function ruleText({ reason, detail }: Schema<'Refusal'>): string {
  return `${reasonWords(reason)}: ${detail.entry} (${detail.source})`;
}

/** The rule that refused it, or the task that was made of it. */
function DecisionStep({ address: { refusal, task_id, sent_at, state } }: { address: Address }) {
  if (refusal)
    return (
      <Step kind="rule">
        <strong class="mono">{refusal.detail.entry}</strong>
        <small>{refusal.detail.source}</small>
        <small>{reasonWords(refusal.reason)}</small>
      </Step>
    );
  return (
    <Step kind="task">
      {task_id ? (
        <strong class="mono" title={task_id}>
          {task_id.slice(0, 8)}
        </strong>
      ) : (
        <strong>{state === 'waiting' ? 'not sent yet' : 'none'}</strong>
      )}
      {sent_at && <small>sent {moment(sent_at)}</small>}
    </Step>
  );
}

function EndStep({ address: { worker, started_at, starts, state } }: { address: Address }) {
  return (
    <>
      {worker && (
        <Step kind="worker">
          <strong class="mono">{worker}</strong>
          {started_at !== undefined && <small>since {moment(started_at * 1_000)}</small>}
        </Step>
      )}
      {starts && (
        <Step kind="workers">
          {starts.map((one) => (
            <span key={one.started_at}>
              <strong class="mono">{one.worker}</strong> <small>{moment(one.started_at)}</small>
            </span>
          ))}
        </Step>
      )}
      <Step kind={state === 'running' || state === 'queued' || state === 'waiting' ? 'now' : 'end'}>
        <StateLabel state={state} />
      </Step>
    </>
  );
}
