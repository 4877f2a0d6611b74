import { useState } from 'preact/hooks';
import { Failure } from '../../parts/Failure.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { REASONS } from '../../parts/reasons.ts';
import { sayIfItFails } from '../../parts/toasts.tsx';
import { open } from '../../state/calls.ts';
import { linkTo, route } from '../../state/route.ts';
import { TargetRows } from './TargetRows.tsx';
import { type TargetFilters, useTargets } from './useTargets.ts';

interface Props {
  project: string;
  id: string;
}

const STATES = ['waiting', 'queued', 'running', 'done', 'refused', 'dropped', 'stopped', 'failed'] as const;

/** What became of each target: the ones that are in sight, of any number. */
export function Targets({ project, id }: Props) {
  const [filters, setFilters] = useState<TargetFilters>(() => {
    const text = route.value.query.get('text');
    return text ? { text } : {};
  });
  const { targets, next, error, more, reload } = useTargets(project, id, filters);
  return (
    <section class="panel flush" aria-labelledby="targets">
      <div class="panel-part stack">
        <div class="row apart">
          <h2 id="targets">Targets</h2>
          <div class="row">
            <button type="button" class="button" onClick={reload}>
              <Icon name="retry" />
              Refresh
            </button>
            <Download project={project} id={id} filters={filters} kind="csv" />
            <Download project={project} id={id} filters={filters} kind="ndjson" />
          </div>
        </div>
        <Filters filters={filters} onFilters={setFilters} />
      </div>
      {error && (
        <div class="panel-part">
          <Failure of={error} retry={reload} />
        </div>
      )}
      {(!error || targets.length > 0) && (
        <TargetRows
          targets={targets}
          next={next}
          more={more}
          linkOf={(target) => linkTo(['explain'], { project, target })}
        />
      )}
    </section>
  );
}

interface FilterProps {
  filters: TargetFilters;
  onFilters: (filters: TargetFilters) => void;
}

function Filters({ filters, onFilters }: FilterProps) {
  const set = (change: { state?: string; reason?: string; text?: string }) => {
    const next = { ...filters, ...change };
    const text = next.text?.trim();
    const state = STATES.find((one) => one === next.state);
    const reason = REASONS.find((one) => one.reason === next.reason)?.reason;
    onFilters({ ...(state && { state }), ...(reason && { reason }), ...(text && { text }) });
  };
  return (
    <div class="filters">
      <label class="field">
        <span class="label">Address or name</span>
        <input
          type="search"
          placeholder="8.8.8.0/24, 8.8., www"
          defaultValue={filters.text ?? ''}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="label">State of a target</span>
        <select
          value={filters.state ?? ''}
          onChange={({ currentTarget }) => set({ state: currentTarget.value })}
        >
          <option value="">any</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {state === 'queued' ? 'ready' : state}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="label">Reason of a refusal</span>
        <select
          value={filters.reason ?? ''}
          onChange={({ currentTarget }) => set({ reason: currentTarget.value })}
        >
          <option value="">any</option>
          {REASONS.map(({ reason, words }) => (
            <option key={reason} value={reason}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

interface DownloadProps extends Props {
  filters: TargetFilters;
  kind: keyof typeof TYPES;
}

/** All that the filters leave, as a file. */
function Download({ project, id, filters, kind }: DownloadProps) {
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const asked = { path: { project_id: project, submission_id: id }, query: filters };
      const answer = await open('listTargets', asked, { headers: { accept: TYPES[kind] } });
      keepAs(`targets-${id.slice(0, 8)}.${kind}`, await answer.blob());
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class="button" disabled={isBusy} onClick={() => void sayIfItFails(download())}>
      <Icon name="download" />
      {kind.toUpperCase()}
    </button>
  );
}

function keepAs(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
