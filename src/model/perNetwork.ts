/** How many tasks a network may get, whoever they belong to: its firewall does not tell us apart. */
export interface PerNetwork {
  /** At once, ready or with a worker; absent: any number. */
  tasks?: number;
  /** That begin within a minute; absent: any number. */
  per_minute?: number;
  /** Prefix length of an IPv4 network. */
  v4: number;
  /** Prefix length of an IPv6 network. */
  v6: number;
}

export const NETWORK_PREFIXES = { v4: 24, v6: 64 };
