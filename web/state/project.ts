import { computed, effect, signal } from '@preact/signals';
import type { Schema } from '../../src/client/client.ts';

const KEY = 'tasker-project';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What all pages that are about one project are about; as typed. */
export const project = signal(localStorage.getItem(KEY) ?? '');
/** The same where it is an id. */
export const projectId = computed(() => (UUID.test(project.value) ? project.value : undefined));
/** Those that have scans here. */
export const projects = signal<readonly Schema<'ProjectOverview'>[]>([]);

effect(() => {
  if (projectId.value) localStorage.setItem(KEY, projectId.value);
});

/** A name where there is one, else the beginning of the id. */
export function projectName(id: string): string {
  return projects.value.find((one) => one.id === id)?.name || `${id.slice(0, 8)}…`;
}
