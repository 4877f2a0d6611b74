import { type Address, IPV4_END, IPV6_END, parseIpv4, parseIpv6 } from '../address/address.ts';
import { throughNat64 } from '../address/nat64.ts';
import { formatNetwork, type Network, wholeRange } from '../address/network.ts';
import type { AddressRange, AddressSet } from '../sets/addressSet.ts';
import { AddressSetBuilder } from '../sets/addressSetBuilder.ts';
import { countByLabel, eachPiece, labelAt, labelRanges } from './labelledIntervals.ts';
import type { ScopeRules } from './rules.ts';
import { REGISTRY, type SpecialPurposeRow } from './specialPurposeRegistry.ts';

/** Whether RFC 1918, 100.64.0.0/10 and fc00::/7 may be scanned. Nothing else opens. */
type Openness = Pick<ScopeRules, 'allowPrivate'>;

/** How long the NAT64 prefix is: what follows is an IPv4 address. */
const NAT64_BITS = 96;

interface Placed {
  row: SpecialPurposeRow;
  prefix: number;
  range: AddressRange;
}

/**
 * The most specific first, so that it wins. An IPv4 row also stands for what a NAT64 translator makes of it:
 * `64:ff9b::10.0.0.1` reaches 10.0.0.1 (RFC 6052 3.1).
 */
const PLACED: readonly Placed[] = REGISTRY.map(placed)
  .flatMap((entry) => [entry, ...translated(entry)])
  .sort((a, b) => b.prefix - a.prefix);
const LABELLED = labelRanges(PLACED.map(({ range }, label) => [label, range] as const));
const EVERYTHING: AddressSet = { v4: [0, IPV4_END], v6: [0n, IPV6_END] };

/** All rows, those of NAT64 included. */
export const SPECIAL_PURPOSE_ROWS: readonly SpecialPurposeRow[] = PLACED.map(({ row }) => row);

const REFUSED = refusedSet({ allowPrivate: false });
const REFUSED_WITH_PRIVATE_OPEN = refusedSet({ allowPrivate: true });

function refusedSet(openness: Openness): AddressSet {
  const refused = new AddressSetBuilder();
  eachPiece(LABELLED, EVERYTHING, (label, range) => {
    if (isRefused(label, openness)) refused.add(range);
  });
  return refused.toSet();
}

/** Every address that must not be scanned because of what it is. */
export function specialPurposeSet({ allowPrivate }: Openness): AddressSet {
  return allowPrivate ? REFUSED_WITH_PRIVATE_OPEN : REFUSED;
}

/** The row that refuses the address; undefined when none does. */
export function rowOf(address: Address, openness: Openness): SpecialPurposeRow | undefined {
  const label = labelAt(LABELLED, address);
  return label !== undefined && isRefused(label, openness) ? SPECIAL_PURPOSE_ROWS[label] : undefined;
}

/** How many addresses of a set fall to each of {@link SPECIAL_PURPOSE_ROWS}. The set lies within {@link specialPurposeSet}. */
export function countByRow(set: AddressSet): Map<number, bigint> {
  return countByLabel(LABELLED, set);
}

function isRefused(label: number, { allowPrivate }: Openness): boolean {
  const opens = SPECIAL_PURPOSE_ROWS[label]?.opens;
  return opens === 'never' || (opens === 'private' && !allowPrivate);
}

/** Not through parseNetwork: there `::ffff:0:0/96` means the IPv4 addresses, here the IPv6 block. */
function placed(row: SpecialPurposeRow): Placed {
  const [address = '', length] = row.network.split('/');
  const base = parseIpv4(address) ?? parseIpv6(address);
  if (base === undefined) throw new Error(`not a network: ${row.network}`);
  const prefix = Number(length);
  return { row, prefix, range: wholeRange({ base, prefix }) };
}

function translated({ row, prefix, range }: Placed): Placed[] {
  const inNat64 = throughNat64(range);
  if (inNat64 === undefined) return [];
  const network: Network = { base: inNat64.start, prefix: NAT64_BITS + prefix };
  return [
    {
      row: { ...row, network: formatNetwork(network), name: `${row.name}, through NAT64` },
      prefix: network.prefix,
      range: inNat64,
    },
  ];
}
