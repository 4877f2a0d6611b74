import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count } from '../../format/numbers.ts';
import { moment } from '../../format/time.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { Receipt } from '../../parts/Receipt.tsx';
import { Table } from '../../parts/Table.tsx';
import { say } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';
import type { Who } from '../../state/session.ts';

type Exclusion = Schema<'Exclusion'>;

interface Props {
  id: string;
  who: Who;
  exclusions: readonly Exclusion[];
  /** What was just excluded, and what that was applied to. */
  added?: Schema<'AppliedExclusions'>;
  onDone: () => void;
  add: ComponentChildren;
}

export function ExclusionList({ id, who, exclusions, added, onDone, add }: Props) {
  const [ending, setEnding] = useState<Exclusion>();
  return (
    <section class="panel stack" aria-labelledby="project-exclusions">
      <div class="row apart">
        <h2 id="project-exclusions">Of this project</h2>
        {add}
      </div>
      {added && (
        <Notice title="Excluded">
          <p>
            Taken back: {count(added.waiting)} waiting, {count(added.ready)} ready, {count(added.running)}{' '}
            running.
          </p>
          <Receipt project={id} id={added.id} />
        </Notice>
      )}
      {exclusions.length === 0 && <p class="muted">Nothing is excluded for this project alone.</p>}
      {exclusions.length > 0 && <Exclusions id={id} who={who} exclusions={exclusions} onEnd={setEnding} />}
      {ending && (
        <EndDialog id={id} exclusion={ending} onDone={onDone} onClose={() => setEnding(undefined)} />
      )}
    </section>
  );
}

interface ExclusionsProps extends Pick<Props, 'id' | 'who' | 'exclusions'> {
  onEnd: (exclusion: Exclusion) => void;
}

const COLUMNS = ['entry', 'why', 'by', 'since', 'until', { name: 'actions', isHidden: true }] as const;

function Exclusions({ id, who, exclusions, onEnd }: ExclusionsProps) {
  const [shown, setShown] = useState<string>();
  return (
    <Table label="List of exclusions" columns={COLUMNS}>
      {exclusions.map((exclusion) => (
        <Fragment key={exclusion.entry}>
          <tr>
            <td class="mono">{exclusion.entry}</td>
            <td>{exclusion.why || <span class="muted">not said</span>}</td>
            <td class="nowrap">
              {exclusion.by.username}
              {exclusion.locked && <span class="muted"> (locked)</span>}
            </td>
            <td class="nowrap">{moment(exclusion.at)}</td>
            <td class="nowrap">{exclusion.until ? moment(exclusion.until) : 'for good'}</td>
            <td>
              <div class="row" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                {exclusion.id && (
                  <button
                    type="button"
                    class="button"
                    aria-expanded={shown === exclusion.entry}
                    onClick={() => setShown(shown === exclusion.entry ? undefined : exclusion.entry)}
                  >
                    Receipt
                  </button>
                )}
                <button
                  type="button"
                  class="button danger"
                  disabled={exclusion.locked === true && !who.admin}
                  title={exclusion.locked ? 'Only an admin ends it' : undefined}
                  onClick={() => onEnd(exclusion)}
                >
                  End
                </button>
              </div>
            </td>
          </tr>
          {shown === exclusion.entry && exclusion.id && (
            <tr>
              <td colSpan={6}>
                <Receipt project={id} id={exclusion.id} />
              </td>
            </tr>
          )}
        </Fragment>
      ))}
    </Table>
  );
}

interface EndProps {
  id: string;
  exclusion: Exclusion;
  onDone: () => void;
  onClose: () => void;
}

function EndDialog({ id, exclusion, onDone, onClose }: EndProps) {
  const end = async () => {
    await call('removeExclusions', { path: { project_id: id }, body: { hosts: [exclusion.entry] } });
    say(`${exclusion.entry} is excluded no more`);
    onDone();
  };
  return (
    <Dialog title="End this exclusion?" action="End it" danger onDo={end} onClose={onClose}>
      <p>
        <strong class="mono">{exclusion.entry}</strong> may be scanned again by what is submitted from now on.
        Scans that left it out stay without it.
      </p>
      {exclusion.why && <p class="muted">It was excluded because: {exclusion.why}</p>}
    </Dialog>
  );
}
