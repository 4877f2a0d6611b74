import type { ScanOptions } from '../model/scanOptions.ts';
import {
  canonicalPorts,
  countPorts,
  mergedPorts,
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
  const cut: string[][] = [];
  let range = 0;
  let next = ranges[0]?.first ?? 0;
  for (let part = 0; part < parts; part++) {
    const texts: string[] = [];
    let left = Math.floor(((part + 1) * count) / parts) - Math.floor((part * count) / parts);
    for (let at = ranges[range]; left > 0 && at !== undefined; at = ranges[range]) {
      const last = Math.min(at.last, next + left - 1);
      texts.push(portRangeText({ first: next, last }));
      left -= last - next + 1;
      next = last + 1;
      if (last === at.last) next = ranges[++range]?.first ?? 0;
    }
    cut.push(texts);
  }
  return cut;
}
