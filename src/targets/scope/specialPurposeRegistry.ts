/**
 * Addresses that do not mean one host on the Internet, by the registries that say so: the IANA IPv4 and IPv6
 * Special-Purpose Address Registries (RFC 6890), multicast, and IPv6 outside the block that global unicast addresses
 * come from. Beside them stand the metadata services of clouds, which give credentials to whoever asks.
 */
export interface SpecialPurposeRow {
  /** CIDR. */
  network: string;
  /** As in the registry. For a row that the registry calls "N/A" it also says why we do not scan there. */
  name: string;
  /** The RFC; for a metadata service the clouds. */
  source: string;
  /** Scanned always, only where private targets are allowed, or never. */
  opens: 'always' | 'private' | 'never';
}

function global(network: string, source: string, name: string): SpecialPurposeRow {
  return { network, name, source, opens: 'always' };
}

/** What a network of one's own uses. */
function internal(network: string, source: string, name: string): SpecialPurposeRow {
  return { network, name, source, opens: 'private' };
}

function closed(network: string, source: string, name: string): SpecialPurposeRow {
  return { network, name, source, opens: 'never' };
}

/** Most of these lie inside private ranges, and stay closed when those open. */
function metadata(address: string, clouds: string): SpecialPurposeRow {
  return closed(`${address}/${address.includes(':') ? 128 : 32}`, clouds, 'Cloud metadata service');
}

/** As the registries list them. Rows may lie within each other: the most specific one decides. */
export const REGISTRY: readonly SpecialPurposeRow[] = [
  closed('0.0.0.0/8', 'RFC 791', '"This network"'),
  closed('0.0.0.0/32', 'RFC 1122', '"This host on this network"'),
  internal('10.0.0.0/8', 'RFC 1918', 'Private-Use'),
  internal('100.64.0.0/10', 'RFC 6598', 'Shared Address Space'),
  metadata('100.100.100.200', 'Alibaba Cloud'),
  closed('127.0.0.0/8', 'RFC 1122', 'Loopback'),
  closed('169.254.0.0/16', 'RFC 3927', 'Link Local'),
  metadata('169.254.169.254', 'AWS, Azure, Google Cloud, Oracle Cloud and others'),
  internal('172.16.0.0/12', 'RFC 1918', 'Private-Use'),
  closed('192.0.0.0/24', 'RFC 6890', 'IETF Protocol Assignments'),
  closed('192.0.0.0/29', 'RFC 7335', 'IPv4 Service Continuity Prefix'),
  closed('192.0.0.8/32', 'RFC 7600', 'IPv4 dummy address'),
  global('192.0.0.9/32', 'RFC 7723', 'Port Control Protocol Anycast'),
  global('192.0.0.10/32', 'RFC 8155', 'Traversal Using Relays around NAT Anycast'),
  closed('192.0.0.170/32', 'RFC 8880', 'NAT64/DNS64 Discovery'),
  closed('192.0.0.171/32', 'RFC 8880', 'NAT64/DNS64 Discovery'),
  closed('192.0.2.0/24', 'RFC 5737', 'Documentation (TEST-NET-1)'),
  global('192.31.196.0/24', 'RFC 7535', 'AS112-v4'),
  global('192.52.193.0/24', 'RFC 7450', 'AMT'),
  closed(
    '192.88.99.0/24',
    'RFC 7526',
    'Deprecated (6to4 Relay Anycast): N/A, no relay should answer any more',
  ),
  closed('192.88.99.2/32', 'RFC 6751', '6a44-relay anycast address'),
  internal('192.168.0.0/16', 'RFC 1918', 'Private-Use'),
  global('192.175.48.0/24', 'RFC 7534', 'Direct Delegation AS112 Service'),
  closed('198.18.0.0/15', 'RFC 2544', 'Benchmarking'),
  closed('198.51.100.0/24', 'RFC 5737', 'Documentation (TEST-NET-2)'),
  closed('203.0.113.0/24', 'RFC 5737', 'Documentation (TEST-NET-3)'),
  closed('224.0.0.0/4', 'RFC 5771', 'Multicast'),
  closed('240.0.0.0/4', 'RFC 1112', 'Reserved'),
  closed('255.255.255.255/32', 'RFC 8190', 'Limited Broadcast'),

  closed('::/0', 'RFC 4291', 'Outside the block of global unicast addresses'),
  global('2000::/3', 'RFC 4291', 'Global Unicast'),
  closed('::/96', 'RFC 4291', 'IPv4-compatible Address (deprecated)'),
  closed('::1/128', 'RFC 4291', 'Loopback Address'),
  closed('::/128', 'RFC 4291', 'Unspecified Address'),
  closed('::ffff:0:0/96', 'RFC 4291', 'IPv4-mapped Address'),
  global('64:ff9b::/96', 'RFC 6052', 'IPv4-IPv6 Translat.'),
  closed('64:ff9b:1::/48', 'RFC 8215', 'IPv4-IPv6 Translat.'),
  closed('100::/64', 'RFC 6666', 'Discard-Only Address Block'),
  closed('100:0:0:1::/64', 'RFC 9780', 'Dummy IPv6 Prefix'),
  closed('2001::/23', 'RFC 2928', 'IETF Protocol Assignments'),
  closed('2001::/32', 'RFC 4380', 'TEREDO: N/A, the host behind it is an IPv4 address inside a tunnel'),
  global('2001:1::1/128', 'RFC 7723', 'Port Control Protocol Anycast'),
  global('2001:1::2/128', 'RFC 8155', 'Traversal Using Relays around NAT Anycast'),
  global('2001:1::3/128', 'RFC 9665', 'DNS-SD Service Registration Protocol Anycast'),
  closed('2001:2::/48', 'RFC 5180', 'Benchmarking'),
  global('2001:3::/32', 'RFC 7450', 'AMT'),
  global('2001:4:112::/48', 'RFC 7535', 'AS112-v6'),
  closed('2001:10::/28', 'RFC 4843', 'Deprecated (previously ORCHID): N/A, never routed'),
  global('2001:20::/28', 'RFC 7343', 'ORCHIDv2'),
  global('2001:30::/28', 'RFC 9374', 'Drone Remote ID Protocol Entity Tags (DETs) Prefix'),
  closed('2001:db8::/32', 'RFC 3849', 'Documentation'),
  closed('2002::/16', 'RFC 3056', '6to4: N/A, the host behind it is an IPv4 address, perhaps a private one'),
  global('2620:4f:8000::/48', 'RFC 7534', 'Direct Delegation AS112 Service'),
  closed('3fff::/20', 'RFC 9637', 'Documentation'),
  closed('5f00::/16', 'RFC 9602', 'Segment Routing (SRv6) SIDs'),
  internal('fc00::/7', 'RFC 4193', 'Unique-Local'),
  metadata('fd00:42::42', 'Scaleway'),
  metadata('fd00:100::100:200', 'Alibaba Cloud'),
  metadata('fd00:a9fe:a9fe::1', 'Akamai'),
  metadata('fd00:c1::a9fe:a9fe', 'Oracle Cloud'),
  metadata('fd00:ec2::23', 'AWS, for EKS pods'),
  metadata('fd00:ec2::254', 'AWS'),
  metadata('fd20:ce::254', 'Google Cloud'),
  closed('fe80::/10', 'RFC 4291', 'Link-Local Unicast'),
  closed('fec0::/10', 'RFC 3879', 'Site-Local Unicast (deprecated)'),
  closed('ff00::/8', 'RFC 4291', 'Multicast'),
];
