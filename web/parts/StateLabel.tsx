/** A state as shape, colour and word: nobody has to tell colours apart. */

const SHAPES = {
  dots: 'M4 10h.01M10 10h.01M16 10h.01',
  ring: 'M10 4.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11',
  play: 'M6 4l10 6-10 6z',
  bars: 'M7 4v12M13 4v12',
  sent: 'M3 10h11M10 5.500l4.5 4.5-4.5 4.500M17.5 4v12',
  check: 'M4 10.500l4 4 8-9',
  square: 'M5 5h10v10H5z',
  cross: 'M5 5l10 10M15 5 5 15',
  ban: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M5.2 5.200l9.6 9.6',
  minus: 'M4 10h12',
} as const;

type Look = readonly [shape: keyof typeof SHAPES, tone: string, words?: string];

const LOOKS: Readonly<Record<string, Look>> = {
  planning: ['dots', 'active'],
  dispatching: ['play', 'active', 'running'],
  paused: ['bars', 'paused'],
  done: ['check', 'good'],
  finished: ['check', 'good'],
  sent: ['sent', 'active', 'all sent'],
  stopped: ['square', 'quiet'],
  failed: ['cross', 'bad'],
  waiting: ['ring', 'quiet'],
  queued: ['dots', 'active', 'ready'],
  running: ['play', 'active'],
  active: ['play', 'active'],
  refused: ['ban', 'warn'],
  dropped: ['minus', 'warn'],
  ok: ['check', 'good'],
  away: ['cross', 'bad'],
  live: ['check', 'good'],
  connecting: ['dots', 'quiet'],
  reconnecting: ['dots', 'warn'],
};

export function StateLabel({ state, words }: { state: string; words?: string }) {
  const [shape, tone, usual = state] = LOOKS[state] ?? (['ring', 'quiet'] as const);
  return (
    <span class="state">
      <svg class={`tone-${tone}`} width="15" height="15" viewBox="0 0 20 20" aria-hidden="true">
        <path
          d={SHAPES[shape]}
          fill="none"
          stroke="currentColor"
          stroke-width="2.6"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      </svg>
      {words ?? usual}
    </span>
  );
}

/** A scan that is `done` has sent everything; its workers are not through. */
export function scanState(state: string): string {
  return state === 'done' ? 'sent' : state;
}
