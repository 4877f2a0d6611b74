import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OpenPortsOptions, ScanOptions, ServiceOptions } from '../../../src/model/scanOptions.ts';
import { openPortsArguments, serviceArguments } from '../../../src/nmap/arguments.ts';
import { portsString } from '../../../src/nmap/ports.ts';

function options(
  openPorts: Partial<OpenPortsOptions> = {},
  service: Partial<ServiceOptions> = {},
): ScanOptions {
  return {
    open_ports_opts: { ports: ['80'], transport_protocol: 'tcp', skip_host_discovery: true, ...openPorts },
    service_opts: {
      aggressive_scan: false,
      default_scripts: false,
      os_detection: false,
      traceroute: false,
      ...service,
    },
    timeout: 60,
    include_services: true,
    single_resolve: false,
    mode: 'insert',
  };
}

const COMMON = {
  dns_resolution: false,
  max_retries: 0,
  min_rtt_timeout_ms: 1,
  max_rtt_timeout_ms: 20,
  initial_rtt_timeout_ms: 3,
  min_rate: 4,
  max_rate: 50,
};
const COMMON_TEXT =
  '-n --max-retries 0 --min-rtt-timeout 1ms --max-rtt-timeout 20ms --initial-rtt-timeout 3ms --min-rate 4 --max-rate 50';

describe('openPortsArguments', () => {
  it.each<[Partial<OpenPortsOptions>, string]>([
    [{}, '-Pn -p 80'],
    [{ ports: [] }, '-Pn'],
    [{ ports: [], skip_host_discovery: false }, ''],
    [{ ports: ['443', '80', '1-9'] }, '-Pn -p 443,80,1-9'],
    [{ transport_protocol: 'udp', dns_resolution: true }, '-R -sU -Pn -p 80'],
    [{ ...COMMON, transport_protocol: 'udp' }, `${COMMON_TEXT} -sU -Pn -p 80`],
    [{ dns_resolution: null, max_retries: null, min_rate: null }, '-Pn -p 80'],
  ])('%j', (given, text) => {
    const { open_ports_opts } = options(given);
    expect(openPortsArguments(open_ports_opts, 4)).toBe(text);
    expect(openPortsArguments(open_ports_opts, 6)).toBe(text === '' ? '-6' : `-6 ${text}`);
  });
});

describe('serviceArguments', () => {
  it.each<[Partial<OpenPortsOptions>, Partial<ServiceOptions>, string]>([
    [{}, {}, '-sV -Pn'],
    [{ skip_host_discovery: false }, {}, '-sV -Pn'],
    [{ transport_protocol: 'udp' }, {}, '-sV -sU -Pn'],
    [
      {},
      { aggressive_scan: true, default_scripts: true, os_detection: true, traceroute: true },
      '-A -sC -O --traceroute -sV -Pn',
    ],
    [COMMON, {}, '-sV -Pn'],
    [{ transport_protocol: 'udp' }, { ...COMMON, os_detection: true }, `${COMMON_TEXT} -O -sV -sU -Pn`],
  ])('%j %j', (openPorts, service, text) => {
    expect(serviceArguments(options(openPorts, service), 4)).toBe(text);
    expect(serviceArguments(options(openPorts, service), 6)).toBe(`-6 ${text}`);
  });
});

interface ConformanceCase {
  name: string;
  request: { body?: { open_ports_opts: Partial<OpenPortsOptions>; service_opts: Partial<ServiceOptions> } };
  expect: { task?: { open_ports_opts: string; service_opts: string; open_ports_str: string } };
}

describe('the tasks of the old system', () => {
  const fixture = new URL('../../fixtures/conformance.json', import.meta.url);
  const { cases }: { cases: ConformanceCase[] } = JSON.parse(readFileSync(fixture, 'utf8'));
  const observed = cases.flatMap(({ name, request: { body }, expect: { task } }) =>
    body !== undefined && task !== undefined ? [{ name, body, task }] : [],
  );

  it.each(observed)('$name', ({ body, task }) => {
    const scan = options(body.open_ports_opts, body.service_opts);
    expect(openPortsArguments(scan.open_ports_opts, 4)).toBe(task.open_ports_opts);
    expect(serviceArguments(scan, 4)).toBe(task.service_opts);
    expect(portsString(scan.open_ports_opts.ports)).toBe(task.open_ports_str);
  });
});
