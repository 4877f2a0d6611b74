/** First and last port, both included. */
export interface PortRange {
  first: number;
  last: number;
}

/** The ports joined by one space, as sent: the worker rebuilds the lock's key from this very string. */
export function portsString(ports: readonly string[]): string {
  return ports.join(' ');
}

/** What stands where a list of ports would, when nmap chooses them. */
export function topPortsString(count: number): string {
  return `${TOP_PORTS}${count}`;
}

const TOP_PORTS = 'top-ports:';

/**
 * One string for one set of ports, however it is spelled: `['81', '80', '80-81']` -> `80-81`. Takes `N` and `A-B`
 * as validated by the API, and what {@link topPortsString} gives.
 */
export function canonicalPorts(ports: readonly string[]): string {
  if (ports[0]?.startsWith(TOP_PORTS)) return ports[0];
  return mergedPorts(ports).map(portRangeText).join(',');
}

/** Ascending, neither overlapping nor adjacent. */
export function mergedPorts(ports: readonly string[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of ports.map(parsePorts).sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1) {
      previous.last = Math.max(previous.last, range.last);
    } else merged.push(range);
  }
  return merged;
}

export function countPorts(ranges: readonly PortRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

export function portRangeText({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

export function parsePorts(text: string): PortRange {
  const [first = '', last = first] = text.split('-');
  return { first: Number(first), last: Number(last) };
}
