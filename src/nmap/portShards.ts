import type { ScanOptions } from '../model/scanOptions.ts';
import {
  canonicalPorts,
  countPorts,
  mergedPorts,
  type PortRange,
  portRangeText,
  portsString,
  topPortsString,
} from './ports.ts';

/** What one task of an address scans. */
export interface PortShard {
  /** `N` or `A-B` each; empty when nmap chooses. */
  ports: readonly string[];
  /** The string that stands for them in locks and messages. */
  key: string;
}

type PortOptions = Pick<ScanOptions, 'open_ports_opts' | 'port_shards'>;

/** The parts of every address: one, or as many as `port_shards` says. */
export function portShardsOf({
  open_ports_opts: { ports, top_ports },
  port_shards,
}: PortOptions): PortShard[] {
  if (top_ports) return [{ ports: [], key: topPortsString(top_ports) }];
  const parts = port_shards ? portShards(ports, port_shards) : [ports];
  return parts.map((part) => ({ ports: part, key: portsString(part) }));
}

/** One string for all ports of the request, however they are spelled or cut. */
export function canonicalRequest({ open_ports_opts: { ports, top_ports } }: PortOptions): string {
  return top_ports ? topPortsString(top_ports) : canonicalPorts(ports);
}

/**
 * Cuts a list of ports into parts whose sizes differ by one at most: ascending, each port in exactly one of them.
 * More parts than ports give as many parts as ports.
 */
export function portShards(ports: readonly string[], shards: number): string[][] {
  const ranges = mergedPorts(ports);
  const count = countPorts(ranges);
  const parts = Math.min(shards, count);
  const startOf = (part: number) => Math.floor((part * count) / parts);
  return Array.from({ length: parts }, (_, part) => slice(ranges, startOf(part), startOf(part + 1)));
}

/** The ports that stand from one place up to another, counted from 0. */
function slice(ranges: readonly PortRange[], from: number, to: number): string[] {
  const texts: string[] = [];
  let before = 0;
  for (const range of ranges) {
    const first = range.first + Math.max(0, from - before);
    const last = Math.min(range.last, range.first + to - before - 1);
    if (first <= last) texts.push(portRangeText({ first, last }));
    before += range.last - range.first + 1;
  }
  return texts;
}
