/** What a request may say, although somebody who reads it may have meant something else. */

import type { ScanOptions } from '../../model/scanOptions.ts';
import type { Warning } from '../../model/submission.ts';
import { countPorts, mergedPorts, type PortRange, parsePorts, portRangeText } from '../../nmap/ports.ts';

/** Ports beyond which a scan takes long, by protocol: UDP ports answer slowly or not at all. */
const MANY_PORTS = { tcp: 32_768, udp: 1_000 };
/** Warnings of one kind. */
const LISTED = 20;

export function optionWarnings(options: ScanOptions): Warning[] {
  const { ports, top_ports, transport_protocol } = options.open_ports_opts;
  const loc = ['body', 'open_ports_opts', 'ports'];
  const warnings: Warning[] = [];
  if (top_ports && ports.length > 0) {
    const message = 'both ports and top_ports are given: ports count, top_ports is ignored';
    warnings.push({ code: 'ports_and_top_ports', message, loc });
  }
  for (const [a, b] of overlaps(ports.map(parsePorts)).slice(0, LISTED)) {
    const message = `${portRangeText(a)} and ${portRangeText(b)} overlap; each port is scanned once`;
    warnings.push({ code: 'overlapping_ports', message, loc });
  }
  const count = countPorts(mergedPorts(ports));
  if (count > MANY_PORTS[transport_protocol]) {
    const message = `${count} ${transport_protocol} ports for each address may take hours`;
    warnings.push({ code: 'many_ports', message, loc });
  }
  return warnings;
}

/** Neighbours in ascending order that share a port. */
function overlaps(ranges: readonly PortRange[]): [PortRange, PortRange][] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first || b.last - a.last);
  const found: [PortRange, PortRange][] = [];
  let widest: PortRange | undefined;
  for (const range of sorted) {
    if (widest !== undefined && range.first <= widest.last) found.push([widest, range]);
    if (widest === undefined || range.last > widest.last) widest = range;
  }
  return found;
}
