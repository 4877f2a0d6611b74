const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** The two largest units: `3 h 12 min`. */
export function duration(ms: number): string {
  const found = STEPS.findIndex(([size]) => ms >= size);
  if (found < 0) return ms <= 0 ? '0 s' : `${Math.round(ms)} ms`;
  const [size, unit] = STEPS[found] ?? STEPS[3];
  const whole = Math.floor(ms / size);
  const next = STEPS[found + 1];
  const rest = next ? Math.floor((ms % size) / next[0]) : 0;
  return next && rest > 0 ? `${whole} ${unit} ${rest} ${next[1]}` : `${whole} ${unit}`;
}

export function ago(at: number, now: number): string {
  const ms = now - at;
  return ms < 5_000 ? 'just now' : `${duration(ms)} ago`;
}

/** For people in their own time zone; with seconds, as what happened is compared with logs. */
export function moment(at: string | number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
