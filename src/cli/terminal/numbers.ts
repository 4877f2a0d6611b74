/** Numbers and times as people read them. */

const GROUPED = new Intl.NumberFormat('en-US');

/** Addresses of an IPv6 network come as text: they are more than a number holds. */
export function counted(count: number | string): string {
  return GROUPED.format(typeof count === 'string' ? BigInt(count) : count);
}

/** `3 scans`, `1 scan`. */
export function several(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** `2 d 3 h`, `3 min 20 s`: the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const parts = units.flatMap(([name, size], index) => {
    const larger = units[index - 1]?.[1];
    const value = Math.floor((larger === undefined ? whole : whole % larger) / size);
    return value > 0 ? [`${value} ${name}`] : [];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** In the time zone of whoever reads it, to the second. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
