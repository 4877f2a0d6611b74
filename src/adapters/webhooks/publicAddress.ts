/** Connections that lead to the public Internet only, whatever a name says at the moment of connecting. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { parseAddress } from '../../targets/address/address.ts';
import { rowOf } from '../../targets/scope/specialPurpose.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export class PrivateAddressError extends Error {
  constructor() {
    super('it leads to a private or special address: WEBHOOK_ALLOW_PRIVATE=true allows that');
  }
}

/** Whether the host of a URL is an address that is not public, in any notation: the URL has made one of them all. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 && !isPublic(bare);
}

function isPublic(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && rowOf(parsed, { allowPrivate: false }) === undefined;
}

/**
 * What a name leads to is looked at where the connection takes its address from, so nothing can change in between.
 * Addresses in the place of names are not looked up, so they are looked at before.
 */
export function publicConnector(allowPrivate: boolean): buildConnector.connector {
  if (allowPrivate) return buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: lookupPublic });
  return (options, callback) => {
    if (isPrivateHost(options.hostname)) callback(new PrivateAddressError(), null);
    else connect(options, callback);
  };
}

type LookedUp = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

function lookupPublic(host: string, options: LookupOptions, done: LookedUp): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    const open = addresses.filter(({ address }) => isPublic(address));
    const [first] = open;
    if (first === undefined) return done(new PrivateAddressError(), []);
    if (options.all) done(null, open);
    else done(null, first.address, first.family);
  });
}
