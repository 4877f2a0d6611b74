/** Connections that lead to the public Internet only, whatever a name says at the moment of connecting. */
import type { LookupAddress, LookupOptions } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { parseAddress } from '../../targets/address/address.ts';
import { rowOf } from '../../targets/scope/specialPurpose.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** For one query; a second one follows. */
const QUERY_MS = 1_500;
const QUERIES = 2;

export class PrivateAddressError extends Error {
  constructor() {
    super('it leads to a private or special address: WEBHOOK_ALLOW_PRIVATE=true allows that');
  }
}

/** Whether the host of a URL is not public, in any notation: the URL has made one of all that an address has. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return /^(?:.*\.)?localhost\.?$/i.test(bare) || (isIP(bare) !== 0 && !isPublic(bare));
}

function isPublic(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && rowOf(parsed, { allowPrivate: false }) === undefined;
}

/**
 * What a name leads to is looked at where the connection takes its address from, so nothing can change in between.
 * Addresses in the place of names are not looked up, so they are looked at before. Where all is allowed, names are looked
 * up as the system does, with its file of hosts.
 *
 * @param dnsServers `address:port` each; without it those of the system
 */
export function webhookConnector(
  allowPrivate: boolean,
  dnsServers?: readonly string[],
): buildConnector.connector {
  if (allowPrivate) return buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: publicLookup(dnsServers) });
  return (options, callback) => {
    if (isPrivateHost(options.hostname)) callback(new PrivateAddressError(), null);
    else connect(options, callback);
  };
}

type LookedUp = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** For `net.connect`: it connects to nothing else than what it gets here. */
export function publicLookup(dnsServers?: readonly string[]) {
  return (host: string, options: LookupOptions, done: LookedUp): void => {
    addressesOf(host, dnsServers).then(
      (addresses) => {
        const open = addresses.filter(({ address }) => isPublic(address));
        const [first] = open;
        if (first === undefined) done(new PrivateAddressError(), []);
        else if (options.all) done(null, open);
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, []),
    );
  };
}

/**
 * Not by `dns.lookup`: that takes a thread of few, which names with silent servers would keep from everybody for seconds.
 * The resolver is a new one each time, so that it knows the system's servers of now.
 */
async function addressesOf(host: string, dnsServers?: readonly string[]): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: QUERY_MS, tries: QUERIES });
  if (dnsServers) resolver.setServers(dnsServers);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [...inFamily(4, v4), ...inFamily(6, v6)];
  if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
  return found;
}

function inFamily(family: 4 | 6, answer: PromiseSettledResult<string[]>): LookupAddress[] {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}
