import { Resolver } from 'node:dns';
import type { Outstanding } from './outstanding.ts';

/**
 * Why a name has no address. `nxdomain`, `nodata` and `badname` are final; `servfail`, `refused` and `other`
 * are what a server said and may be better next time; with `timeout` and `unreachable` nobody said anything.
 * A `badname` is no name that DNS can be asked for.
 */
type Failure =
  | 'nxdomain'
  | 'nodata'
  | 'badname'
  | 'servfail'
  | 'refused'
  | 'other'
  | 'timeout'
  | 'unreachable';

/** IPv4 addresses, each once, in numerical order; never an empty list. */
export type Resolution = { addresses: string[] } | { failure: Failure };

const FAILURES: Readonly<Record<string, Failure>> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'nodata',
  EBADNAME: 'badname',
  ESERVFAIL: 'servfail',
  EREFUSED: 'refused',
  ETIMEOUT: 'timeout',
  ECANCELLED: 'timeout',
  EFORMERR: 'other',
  ENOTIMP: 'other',
  EBADRESP: 'other',
};
const FINAL: ReadonlySet<Failure> = new Set<Failure>(['nxdomain', 'nodata', 'badname']);
const NOT_ASKED_OR_SILENT: ReadonlySet<Failure> = new Set<Failure>(['badname', 'timeout', 'unreachable']);

/** Whether asking again would give the same. */
export function isFinal(resolution: Resolution | undefined): boolean {
  return resolution !== undefined && (!('failure' in resolution) || FINAL.has(resolution.failure));
}

/** Whether a server said anything about the name, be it an error. */
export function isAnswer(resolution: Resolution | undefined): boolean {
  return (
    resolution !== undefined && (!('failure' in resolution) || !NOT_ASKED_OR_SILENT.has(resolution.failure))
  );
}

/**
 * A c-ares channel that asks each server once (`tries` times), so that all of them are asked within `limitMs`.
 * Throws on a server that is no address.
 */
export function openChannel(servers: readonly string[] | undefined, limitMs: number, tries = 1): Resolver {
  const count = servers?.length ?? new Resolver().getServers().length;
  // c-ares doubles its time limit with every try: 1 + 2 + 4 parts.
  const parts = Math.max(1, count) * (2 ** tries - 1);
  const channel = new Resolver({ timeout: Math.ceil(limitMs / parts), tries });
  if (servers) channel.setServers(servers);
  return channel;
}

/** Asks for a name's A records; settles after `limitMs` even when c-ares does not. Never rejects. */
export function ask(
  channel: Resolver,
  name: string,
  limitMs: number,
  outstanding: Outstanding,
): Promise<Resolution> {
  // c-ares says NXDOMAIN to these by itself (RFC 7686), which is no sign of a server.
  if (/\.onion\.?$/i.test(name)) return Promise.resolve({ failure: 'badname' });
  return new Promise((resolve) => {
    const settle = (resolution: Resolution) => {
      clearTimeout(timer);
      outstanding.remove(giveUp);
      resolve(resolution);
    };
    const giveUp = () => settle({ failure: 'timeout' });
    const timer = setTimeout(giveUp, limitMs);
    outstanding.add(giveUp);
    try {
      channel.resolve4(name, (error, addresses) => {
        if (error) settle({ failure: FAILURES[error.code ?? ''] ?? 'unreachable' });
        else settle(addresses.length > 0 ? { addresses: sorted(addresses) } : { failure: 'nodata' });
      });
    } catch {
      // Node throws, rather than calls back, when a name cannot be written as ASCII.
      settle({ failure: 'badname' });
    }
  });
}

/** Each address once, in numerical order. */
export function sorted(addresses: readonly string[]): string[] {
  if (addresses.length === 1) return [...addresses];
  const numberOf = (address: string) => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return [...new Set(addresses)].sort((a, b) => numberOf(a) - numberOf(b));
}
