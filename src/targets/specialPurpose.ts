/**
 * What is not globally reachable, by the registries that say so: the IANA IPv4 and IPv6 Special-Purpose Address
 * Registries (RFC 6890), multicast, and IPv6 outside the block that global unicast addresses come from.
 */
import { parseIpv4, parseIpv6 } from './address.ts';
import type { AddressSet } from './addressSet.ts';
import { EMPTY, fromRanges, subtract, union } from './addressSet.ts';
import { wholeRange } from './network.ts';

/** 64:ff9b::, whose last 32 bits are an IPv4 address. */
const NAT64_PREFIX = 0x64_ff9bn << 96n;

export interface SpecialPurposeRow {
  /** CIDR. */
  network: string;
  /** As in the registry. For a row that the registry calls "N/A" it also says why we do not scan there. */
  name: string;
  /** The RFC. */
  source: string;
  globallyReachable: boolean;
}

function reachable(network: string, source: string, name: string): SpecialPurposeRow {
  return { network, name, source, globallyReachable: true };
}

function unreachable(network: string, source: string, name: string): SpecialPurposeRow {
  return { network, name, source, globallyReachable: false };
}

/** Rows may lie within each other: the most specific one decides. */
export const SPECIAL_PURPOSE_ROWS: readonly SpecialPurposeRow[] = [
  unreachable('0.0.0.0/8', 'RFC 791', '"This network"'),
  unreachable('0.0.0.0/32', 'RFC 1122', '"This host on this network"'),
  unreachable('10.0.0.0/8', 'RFC 1918', 'Private-Use'),
  unreachable('100.64.0.0/10', 'RFC 6598', 'Shared Address Space'),
  unreachable('127.0.0.0/8', 'RFC 1122', 'Loopback'),
  unreachable('169.254.0.0/16', 'RFC 3927', 'Link Local'),
  unreachable('172.16.0.0/12', 'RFC 1918', 'Private-Use'),
  unreachable('192.0.0.0/24', 'RFC 6890', 'IETF Protocol Assignments'),
  unreachable('192.0.0.0/29', 'RFC 7335', 'IPv4 Service Continuity Prefix'),
  unreachable('192.0.0.8/32', 'RFC 7600', 'IPv4 dummy address'),
  reachable('192.0.0.9/32', 'RFC 7723', 'Port Control Protocol Anycast'),
  reachable('192.0.0.10/32', 'RFC 8155', 'Traversal Using Relays around NAT Anycast'),
  unreachable('192.0.0.170/32', 'RFC 8880', 'NAT64/DNS64 Discovery'),
  unreachable('192.0.0.171/32', 'RFC 8880', 'NAT64/DNS64 Discovery'),
  unreachable('192.0.2.0/24', 'RFC 5737', 'Documentation (TEST-NET-1)'),
  reachable('192.31.196.0/24', 'RFC 7535', 'AS112-v4'),
  reachable('192.52.193.0/24', 'RFC 7450', 'AMT'),
  unreachable(
    '192.88.99.0/24',
    'RFC 7526',
    'Deprecated (6to4 Relay Anycast): N/A, no relay should answer any more',
  ),
  unreachable('192.88.99.2/32', 'RFC 6751', '6a44-relay anycast address'),
  unreachable('192.168.0.0/16', 'RFC 1918', 'Private-Use'),
  reachable('192.175.48.0/24', 'RFC 7534', 'Direct Delegation AS112 Service'),
  unreachable('198.18.0.0/15', 'RFC 2544', 'Benchmarking'),
  unreachable('198.51.100.0/24', 'RFC 5737', 'Documentation (TEST-NET-2)'),
  unreachable('203.0.113.0/24', 'RFC 5737', 'Documentation (TEST-NET-3)'),
  unreachable('224.0.0.0/4', 'RFC 5771', 'Multicast'),
  unreachable('240.0.0.0/4', 'RFC 1112', 'Reserved'),
  unreachable('255.255.255.255/32', 'RFC 8190', 'Limited Broadcast'),

  unreachable('::/0', 'RFC 4291', 'Outside the block of global unicast addresses'),
  reachable('2000::/3', 'RFC 4291', 'Global Unicast'),
  unreachable('::1/128', 'RFC 4291', 'Loopback Address'),
  unreachable('::/128', 'RFC 4291', 'Unspecified Address'),
  unreachable('::ffff:0:0/96', 'RFC 4291', 'IPv4-mapped Address'),
  reachable('64:ff9b::/96', 'RFC 6052', 'IPv4-IPv6 Translat.'),
  unreachable('64:ff9b:1::/48', 'RFC 8215', 'IPv4-IPv6 Translat.'),
  unreachable('100::/64', 'RFC 6666', 'Discard-Only Address Block'),
  unreachable('100:0:0:1::/64', 'RFC 9780', 'Dummy IPv6 Prefix'),
  unreachable('2001::/23', 'RFC 2928', 'IETF Protocol Assignments'),
  unreachable('2001::/32', 'RFC 4380', 'TEREDO: N/A, the host behind it is an IPv4 address inside a tunnel'),
  reachable('2001:1::1/128', 'RFC 7723', 'Port Control Protocol Anycast'),
  reachable('2001:1::2/128', 'RFC 8155', 'Traversal Using Relays around NAT Anycast'),
  reachable('2001:1::3/128', 'RFC 9665', 'DNS-SD Service Registration Protocol Anycast'),
  unreachable('2001:2::/48', 'RFC 5180', 'Benchmarking'),
  reachable('2001:3::/32', 'RFC 7450', 'AMT'),
  reachable('2001:4:112::/48', 'RFC 7535', 'AS112-v6'),
  unreachable('2001:10::/28', 'RFC 4843', 'Deprecated (previously ORCHID): N/A, never routed'),
  reachable('2001:20::/28', 'RFC 7343', 'ORCHIDv2'),
  reachable('2001:30::/28', 'RFC 9374', 'Drone Remote ID Protocol Entity Tags (DETs) Prefix'),
  unreachable('2001:db8::/32', 'RFC 3849', 'Documentation'),
  unreachable(
    '2002::/16',
    'RFC 3056',
    '6to4: N/A, the host behind it is an IPv4 address, perhaps a private one',
  ),
  reachable('2620:4f:8000::/48', 'RFC 7534', 'Direct Delegation AS112 Service'),
  unreachable('3fff::/20', 'RFC 9637', 'Documentation'),
  unreachable('5f00::/16', 'RFC 9602', 'Segment Routing (SRv6) SIDs'),
  unreachable('fc00::/7', 'RFC 4193', 'Unique-Local'),
  unreachable('fe80::/10', 'RFC 4291', 'Link-Local Unicast'),
  unreachable('ff00::/8', 'RFC 4291', 'Multicast'),
];

const BY_ROWS: AddressSet = SPECIAL_PURPOSE_ROWS.map(withRange)
  .sort((a, b) => a.prefix - b.prefix)
  .reduce((set, { row, range }) => (row.globallyReachable ? subtract(set, range) : union(set, range)), EMPTY);

/**
 * Every address that must not be scanned because it does not mean one place on the Internet. That goes also for an
 * IPv4 address inside the NAT64 prefix: `64:ff9b::10.0.0.1` reaches 10.0.0.1 behind the translator (RFC 6052 3.1).
 */
export const NOT_GLOBALLY_REACHABLE: AddressSet = union(BY_ROWS, {
  v4: [],
  v6: BY_ROWS.v4.map((boundary) => NAT64_PREFIX + BigInt(boundary)),
});

/** Not through parseNetwork: there `::ffff:0:0/96` means the IPv4 addresses, here the IPv6 block. */
function withRange(row: SpecialPurposeRow): { row: SpecialPurposeRow; prefix: number; range: AddressSet } {
  const [address = '', length] = row.network.split('/');
  const base = parseIpv4(address) ?? parseIpv6(address);
  if (base === undefined) throw new Error(`not a network: ${row.network}`);
  const prefix = Number(length);
  return { row, prefix, range: fromRanges([wholeRange({ base, prefix })]) };
}
