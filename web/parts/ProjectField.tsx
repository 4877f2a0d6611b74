import { useId } from 'preact/hooks';
import { project, projects } from '../state/project.ts';
import { Icon } from './Icon.tsx';

interface Props {
  /** Offers an id that nobody has. */
  canMake?: boolean;
}

/** Which project a page is about: one of those that have scans here, or any id. */
export function ProjectField({ canMake = false }: Props) {
  const list = useId();
  const known = projects.value.find(({ id }) => id === project.value);
  return (
    <div class="row project-field">
      <label class="field">
        <span class="label">Project{known?.name && `: ${known.name}`}</span>
        <input
          class="mono"
          list={list}
          placeholder="the id of a project"
          spellcheck={false}
          value={project.value}
          onInput={({ currentTarget }) => {
            project.value = currentTarget.value.trim();
          }}
        />
      </label>
      <datalist id={list}>
        {projects.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name ?? ''}
          </option>
        ))}
      </datalist>
      {canMake && (
        <button
          type="button"
          class="button"
          onClick={() => {
            project.value = crypto.randomUUID();
          }}
        >
          <Icon name="add" />
          New id
        </button>
      )}
    </div>
  );
}
