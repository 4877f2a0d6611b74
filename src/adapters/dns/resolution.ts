import {
  type Answer,
  type Failure,
  MAX_ADDRESSES,
  type Resolution,
  type Unanswered,
} from '../../model/resolution.ts';
import { parseAddress } from '../../targets/address/address.ts';

const FINAL: ReadonlySet<Failure> = new Set<Failure>([
  'nxdomain',
  'nodata',
  'badname',
  'cname_loop',
  'cname_too_long',
]);
const NOT_ASKED_OR_SILENT: ReadonlySet<Failure> = new Set<Failure>(['badname', 'timeout', 'unreachable']);

/** Whether asking again would give the same. */
export function isFinal(resolution: Resolution): boolean {
  return !('failure' in resolution) || FINAL.has(resolution.failure);
}

/** Whether it has addresses, and nothing is missing. */
export function isWhole(resolution: Resolution): boolean {
  return !('failure' in resolution) && !resolution.unanswered;
}

/** Whether a server said anything about the name, be it an error. */
export function isAnswer(resolution: Resolution): boolean {
  return !('failure' in resolution) || !NOT_ASKED_OR_SILENT.has(resolution.failure);
}

/** Each address once, IPv4 in numerical order, then IPv6. */
export function sorted(addresses: readonly string[]): string[] {
  const read = [...new Set(addresses)].map((text) => ({ text, address: parseAddress(text) ?? 0 }));
  const family = (address: number | bigint) => (typeof address === 'number' ? 0 : 1);
  read.sort((a, b) => family(a.address) - family(b.address) || (a.address < b.address ? -1 : 1));
  return read.map(({ text }) => text);
}

/** A name with too many addresses is refused: to scan, or to exclude, a part of them would be wrong. */
export function bounded(resolution: Resolution): Resolution {
  if ('failure' in resolution || resolution.addresses.length <= MAX_ADDRESSES) return resolution;
  return { failure: `too_many_addresses=${resolution.addresses.length}`, chain: resolution.chain };
}

export function hasTooManyAddresses(resolution: Resolution): boolean {
  return 'failure' in resolution && resolution.failure.startsWith('too_many_addresses=');
}

/**
 * What A and AAAA together say. One family is enough for a success, which says so; with none, the failure counts that
 * says least: a name that is not there in one family, and not answered in the other, may be there. The chain has the
 * targets of both: they differ only when the records changed in between.
 */
export function combined(v4: Resolution, v6: Resolution): Resolution {
  const chain = [...new Set([...v4.chain, ...v6.chain])];
  if ('failure' in v4 && 'failure' in v6) {
    return { failure: doubt(v6.failure) > doubt(v4.failure) ? v6.failure : v4.failure, chain };
  }
  if ('failure' in v4) return { ...v6, chain, ...openIn('4', v4.failure) };
  if ('failure' in v6) return { ...v4, chain, ...openIn('6', v6.failure) };
  return {
    addresses: sorted([...v4.addresses, ...v6.addresses]),
    chain,
    ttlS: Math.min(v4.ttlS, v6.ttlS),
    atMs: Math.min(v4.atMs, v6.atMs),
  };
}

/** What two answers about a name tell together: each of them may tell only a part. */
export function withEarlier(
  now: Answer,
  earlier: {
    addresses: readonly string[];
    chain: readonly string[];
    unanswered?: Unanswered | undefined;
  },
): Answer {
  const { unanswered: stillOpen, ...rest } = now;
  return {
    ...rest,
    addresses: [...new Set([...now.addresses, ...earlier.addresses])],
    chain: [...new Set([...now.chain, ...earlier.chain])],
    ...(stillOpen && stillOpen.family === earlier.unanswered?.family && { unanswered: stillOpen }),
  };
}

/** How little a failure says of the addresses that a name has. */
function doubt(failure: Failure): number {
  if (failure === 'nodata') return 0;
  if (failure === 'nxdomain') return 1;
  return FINAL.has(failure) ? 2 : 3;
}

/** NODATA and NXDOMAIN are answers: the family has no address. A chain that breaks off is none. */
function openIn(family: '4' | '6', failure: Failure): { unanswered?: Unanswered } {
  return failure === 'nodata' || failure === 'nxdomain' ? {} : { unanswered: { family, failure } };
}
