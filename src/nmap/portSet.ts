/** The ports joined by one space, as sent: the worker rebuilds the lock's key from this very string. */
export function portsString(ports: readonly string[]): string {
  return ports.join(' ');
}

/**
 * One string for one set of ports, however it is spelled: `['81', '80', '80-81']` -> `80-81`. Takes `N` and `A-B`
 * as validated by the API.
 */
export function canonicalPorts(ports: readonly string[]): string {
  const merged: { first: number; last: number }[] = [];
  for (const range of ports.map(parsePorts).sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1) {
      previous.last = Math.max(previous.last, range.last);
    } else merged.push(range);
  }
  return merged.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function parsePorts(text: string): { first: number; last: number } {
  const [first = '', last = first] = text.split('-');
  return { first: Number(first), last: Number(last) };
}
