import { useState } from 'preact/hooks';
import type { Schema } from '../../../src/client/client.ts';
import { count } from '../../format/numbers.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Table } from '../../parts/Table.tsx';
import { say } from '../../parts/toasts.tsx';
import { call } from '../../state/calls.ts';
import { projectName } from '../../state/project.ts';
import { linkTo } from '../../state/route.ts';

type Project = Schema<'ProjectDispatch'>;

interface Props {
  projects: readonly Project[];
  onDone: () => void;
}

const COLUMNS = [
  'project',
  { name: 'weight', class: 'number' },
  'share of the workers, last minute',
  { name: 'last hour', class: 'number' },
  { name: 'running', class: 'number' },
  { name: 'waiting', class: 'number' },
  { name: 'change', isHidden: true },
] as const;

/** How the workers are shared, and by which weights. */
export function Shares({ projects, onDone }: Props) {
  const [changed, setChanged] = useState<Project>();
  return (
    <section class="panel" aria-labelledby="shares">
      <h2 id="shares">Projects</h2>
      {projects.length === 0 && <p class="muted">No project has anything that waits or runs.</p>}
      {projects.length > 0 && (
        <Table label="List of projects" columns={COLUMNS}>
          {projects.map((one) => (
            <ShareRow key={one.project} project={one} onChange={() => setChanged(one)} />
          ))}
        </Table>
      )}
      {changed && <WeightDialog project={changed} onDone={onDone} onClose={() => setChanged(undefined)} />}
    </section>
  );
}

function ShareRow({ project, onChange }: { project: Project; onChange: () => void }) {
  const { minute, hour } = project.share;
  return (
    <tr>
      <td title={project.project}>
        <a href={linkTo(['scans'], { project: project.project })}>{projectName(project.project)}</a>
      </td>
      <td class="number">{project.weight}</td>
      <td>
        <div class="row" style={{ flexWrap: 'nowrap' }}>
          <span style={{ minWidth: '44px' }}>{Math.round(minute * 100)} %</span>
          <div class="counts" style={{ flex: 1, minWidth: '80px' }}>
            <div class="track">
              <div class="fill calm" style={{ width: `${minute * 100}%` }} />
            </div>
          </div>
        </div>
      </td>
      <td class="number">{Math.round(hour * 100)} %</td>
      <td class="number">{count(project.running)}</td>
      <td class="number">{count(project.waiting)}</td>
      <td class="number">
        <button type="button" class="button" onClick={onChange}>
          Weight
        </button>
      </td>
    </tr>
  );
}

interface DialogProps {
  project: Project;
  onDone: () => void;
  onClose: () => void;
}

function WeightDialog({ project, onDone, onClose }: DialogProps) {
  const [weight, setWeight] = useState(String(project.weight));
  const number = Number(weight);
  const change = async () => {
    await call('setDispatchSettings', {
      path: { project_id: project.project },
      body: {
        ...(await call('getDispatchSettings', { path: { project_id: project.project } })),
        weight: number,
      },
    });
    say(`${projectName(project.project)} has weight ${number}`);
    onDone();
  };
  return (
    <Dialog
      title={`Weight of ${projectName(project.project)}`}
      action="Set the weight"
      isReady={Number.isInteger(number) && number > 0}
      onDo={change}
      onClose={onClose}
    >
      <label class="field">
        <span class="label">Weight</span>
        <input
          type="number"
          min="1"
          max="100"
          value={weight}
          onInput={({ currentTarget }) => setWeight(currentTarget.value)}
        />
        <span class="hint">Projects share the time of the workers in proportion to their weights.</span>
      </label>
    </Dialog>
  );
}
