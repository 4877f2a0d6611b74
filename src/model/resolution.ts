/** Which addresses of a name are wanted: A records, AAAA records, both. */
export type IpVersion = '4' | '6' | 'any';

/**
 * Why a name has no address. `servfail`, `refused` and `other` are what a server said and may be better next time;
 * with `timeout` and `unreachable` nobody said anything; the rest is final. A `badname` is no name that DNS can be
 * asked for. A `cname_loop` comes back to a name of its own chain; a chain `cname_too_long` is given up. Of a name that
 * has more than {@link MAX_ADDRESSES}, none is taken.
 */
export type Failure =
  | 'nxdomain'
  | 'nodata'
  | 'badname'
  | 'cname_loop'
  | 'cname_too_long'
  | 'servfail'
  | 'refused'
  | 'other'
  | 'timeout'
  | 'unreachable'
  | TooManyAddresses;

/** With how many it has. */
type TooManyAddresses = `too_many_addresses=${number}`;

/** A family of addresses of which nothing is known: nobody said that the name has some, or that it has none. */
export interface Unanswered {
  family: '4' | '6';
  failure: Failure;
}

/**
 * What a name came to. `addresses`: each once, IPv4 in numerical order, then IPv6; never empty, at most
 * {@link MAX_ADDRESSES}. `chain`: the targets of the CNAMEs in order, at most {@link MAX_CHAIN}. `ttlS`: the smallest
 * TTL along the chain and the addresses in seconds, counted from `atMs` (epoch milliseconds), also when the answer
 * comes from the cache; 0 for what the hosts file says. `unanswered`: both families were asked for, and this is only
 * the half of it; the name may have any other address too.
 */
export type Resolution =
  | { addresses: string[]; chain: string[]; ttlS: number; atMs: number; unanswered?: Unanswered }
  | { failure: Failure; chain: string[] };

/** What a name came to that has addresses. */
export type Answer = Exclude<Resolution, { failure: unknown }>;

/** CNAMEs that are followed for one name. */
export const MAX_CHAIN = 16;
/** Addresses of one name; an answer of 64 KB has 4,094 at most, but both families together may have more. */
export const MAX_ADDRESSES = 4_096;
