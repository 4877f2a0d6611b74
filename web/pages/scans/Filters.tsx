import type { Asked } from '../../../src/client/client.ts';
import { projects } from '../../state/project.ts';
import { keepQuery } from '../../state/route.ts';

export type Query = Omit<NonNullable<Asked<'listAllSubmissions'>['query']>, 'limit'>;
type State = NonNullable<Query['state']>;

const STATES: readonly (readonly [State, string])[] = [
  ['planning', 'planning'],
  ['dispatching', 'running'],
  ['paused', 'paused'],
  ['done', 'all sent'],
  ['finished', 'finished'],
  ['stopped', 'stopped'],
  ['failed', 'failed'],
];

/** The filters as the address has them, so that a list can be sent to somebody. */
export function queryOf(query: URLSearchParams): Query {
  const state = STATES.find(([one]) => one === query.get('state'))?.[0];
  const texts = Object.fromEntries(
    ['project', 'user', 'text', 'cursor'].flatMap((name) => {
      const value = query.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  return { ...texts, ...(state && { state }) };
}

export function Filters({ query }: { query: Query }) {
  const { cursor: _, ...filters } = query;
  const set = (change: Record<string, string>) => keepQuery({ ...filters, ...change });
  return (
    <search class="filters">
      <label class="field">
        <span class="label">Text</span>
        <input
          type="search"
          placeholder="an entry or an id"
          value={query.text ?? ''}
          onChange={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="label">State</span>
        <select
          value={query.state ?? ''}
          onChange={({ currentTarget }) => set({ state: currentTarget.value })}
        >
          <option value="">any</option>
          {STATES.map(([state, words]) => (
            <option key={state} value={state}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="label">Project</span>
        <select
          value={query.project ?? ''}
          onChange={({ currentTarget }) => set({ project: currentTarget.value })}
        >
          <option value="">all</option>
          {projects.value.map(({ id, name }) => (
            <option key={id} value={id}>
              {name || id}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="label">User</span>
        <input
          placeholder="a name"
          value={query.user ?? ''}
          onChange={({ currentTarget }) => set({ user: currentTarget.value })}
        />
      </label>
    </search>
  );
}
