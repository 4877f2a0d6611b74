/**
 * The scan request's options, after validation. Field names are those of the API, so that the shape a caller
 * sends, the shape we keep and the shape in the docs are one.
 */

type TransportProtocol = 'tcp' | 'udp';

export const SCAN_MODES = ['insert', 'replace', 'update', 'append'] as const;
export type ScanMode = (typeof SCAN_MODES)[number];

/** Options that both scan phases know. A missing field leaves nmap's own default. */
export interface PhaseOptions {
  /** true: `-R`, false: `-n`. */
  dns_resolution?: boolean | null;
  max_retries?: number | null;
  min_rtt_timeout_ms?: number | null;
  max_rtt_timeout_ms?: number | null;
  initial_rtt_timeout_ms?: number | null;
  /** Packets per second. */
  min_rate?: number | null;
  /** Packets per second. */
  max_rate?: number | null;
}

export interface OpenPortsOptions extends PhaseOptions {
  /** `N` or `A-B`, as sent; empty with `top_ports`. */
  ports: string[];
  /** Instead of `ports`: so many of nmap's most common ones. */
  top_ports?: number | null;
  transport_protocol: TransportProtocol;
  skip_host_discovery: boolean;
}

export interface ServiceOptions extends PhaseOptions {
  aggressive_scan: boolean;
  default_scripts: boolean;
  os_detection: boolean;
  traceroute: boolean;
}

export interface ScanOptions {
  open_ports_opts: OpenPortsOptions;
  service_opts: ServiceOptions;
  /** Seconds, per scan phase. */
  timeout: number;
  include_services: boolean;
  single_resolve: boolean;
  mode: ScanMode;
  /** Parts that the ports of an address are cut into: one task each. Absent or null: one task an address. */
  port_shards?: number | null;
}
