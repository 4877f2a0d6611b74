const GROUPED = new Intl.NumberFormat('en-US');
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Counts beyond 2^53 come as texts. */
export function count(value: number | string): string {
  return typeof value === 'number' ? GROUPED.format(value) : GROUPED.format(BigInt(value));
}

export function shortCount(value: number): string {
  return value < 10_000 ? GROUPED.format(value) : SHORT.format(value);
}

export function counted(value: number | string, one: string, many = `${one}s`): string {
  return `${count(value)} ${Number(value) === 1 ? one : many}`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const share = (part / whole) * 100;
  return `${share > 0 && share < 10 ? share.toFixed(1) : Math.floor(share)} %`;
}

/** Tasks a second, or a minute where that would be a fraction. */
export function rate(perS: number): string {
  if (perS === 0) return '0 / min';
  return perS >= 10 ? `${count(Math.round(perS))} / s` : `${count(round(perS * 60))} / min`;
}

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
