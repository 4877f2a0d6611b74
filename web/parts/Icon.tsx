import type { JSX } from 'preact';

const STROKES = {
  scans: 'M3 5h14M3 10h10M3 15h6',
  add: 'M10 4v12M4 10h12',
  explain: 'M9 3a6 6 0 1 0 0 12A6 6 0 0 0 9 3M13.5 13.5 17 17',
  scope: 'M10 2.5 16.5 5v5c0 4-2.8 6.5-6.5 7.5C6.3 16.5 3.5 14 3.5 10V5z',
  workers: 'M3 4h14v5H3zM3 11.500h14v5H3zM6 6.500h.01M6 14h.01',
  dispatch: 'M2 15l5-6 4 3 7-8',
  board: 'M3 3h6v8H3zM11 3h6v5h-6zM11 11h6v6h-6zM3 14h6v3H3z',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  sun: 'M10 6.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.500v2M10 16.500v2M1.5 10h2M16.5 10h2M4 4l1.4 1.400M14.6 14.6 16 16M4 16l1.4-1.400M14.6 5.4 16 4',
  moon: 'M16.5 11.500A7 7 0 0 1 8.5 3.500a7 7 0 1 0 8 8',
  out: 'M8 3H3v14h5M12 6l4 4-4 4M16 10H7',
  pause: 'M7 4v12M13 4v12',
  play: 'M6 4l10 6-10 6z',
  stop: 'M5 5h10v10H5z',
  cancel: 'M5 5l10 10M15 5 5 15',
  retry: 'M16 10a6 6 0 1 1-2-4.500M16 2.500V6h-3.5',
  download: 'M10 3v10M6 9.500l4 4 4-4M3.5 17h13',
  warning: 'M10 3 18 16.500H2zM10 8v4M10 14.300v.01',
  info: 'M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 9v5M10 6.200v.01',
  check: 'M4 10.500l4 4 8-9',
  right: 'M7 4l6 6-6 6',
  file: 'M5 2.500h6l4 4v11H5zM11 2.500v4h4',
} as const;

export type IconName = keyof typeof STROKES;

/** Beside words that say the same, so that nothing reads it aloud. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d={STROKES[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.7"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
