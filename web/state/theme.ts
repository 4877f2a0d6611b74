import { signal } from '@preact/signals';

type Theme = 'light' | 'dark';

const KEY = 'tasker-theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(chosen());

/** What was chosen here, or what the system prefers. */
function chosen(): Theme {
  const kept = localStorage.getItem(KEY);
  if (kept === 'light' || kept === 'dark') return kept;
  return dark.matches ? 'dark' : 'light';
}

export function applyTheme(): void {
  theme.value = chosen();
  document.documentElement.dataset.theme = theme.value;
}

dark.addEventListener('change', applyTheme);

export function switchTheme(): void {
  localStorage.setItem(KEY, theme.value === 'dark' ? 'light' : 'dark');
  applyTheme();
}
