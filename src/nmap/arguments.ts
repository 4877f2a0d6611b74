/** Options -> the two argument strings of a task. The order is fixed: workers and logs compare the strings. */
import type { OpenPortsOptions, PhaseOptions, ScanOptions } from '../model/scanOptions.ts';

/** The arguments of the first phase, which looks for open ports. */
export function openPortsArguments(
  options: OpenPortsOptions,
  family: 4 | 6,
  ports: readonly string[] = options.ports,
): string {
  return [
    ...phaseArguments(options, family),
    ...flag('-sU', options.transport_protocol === 'udp'),
    ...flag('-Pn', options.skip_host_discovery),
    ...flag(`-p ${ports.join(',')}`, ports.length > 0),
    ...valued('--top-ports', options.top_ports),
  ].join(' ');
}

/** The arguments of the second phase, which looks at the services behind the open ports. */
export function serviceArguments(options: ScanOptions, family: 4 | 6): string {
  const service = options.service_opts;
  return [
    ...phaseArguments(service, family),
    ...flag('-A', service.aggressive_scan),
    ...flag('-sC', service.default_scripts),
    ...flag('-O', service.os_detection),
    ...flag('--traceroute', service.traceroute),
    '-sV',
    ...flag('-sU', options.open_ports_opts.transport_protocol === 'udp'),
    '-Pn',
  ].join(' ');
}

function phaseArguments(options: PhaseOptions, family: 4 | 6): string[] {
  return [
    ...flag('-6', family === 6),
    ...flag('-R', options.dns_resolution === true),
    ...flag('-n', options.dns_resolution === false),
    ...valued('--max-retries', options.max_retries),
    ...valued('--min-rtt-timeout', options.min_rtt_timeout_ms, 'ms'),
    ...valued('--max-rtt-timeout', options.max_rtt_timeout_ms, 'ms'),
    ...valued('--initial-rtt-timeout', options.initial_rtt_timeout_ms, 'ms'),
    ...valued('--min-rate', options.min_rate),
    ...valued('--max-rate', options.max_rate),
  ];
}

function flag(argument: string, given: boolean): string[] {
  return given ? [argument] : [];
}

/** 0 is a value (`--max-retries 0`), missing and null are none. */
function valued(argument: string, value: number | null | undefined, unit = ''): string[] {
  return value === undefined || value === null ? [] : [`${argument} ${value}${unit}`];
}
