import { readFile } from 'node:fs/promises';
import { formatAddress, parseAddress } from '../../targets/address/address.ts';
import type { AddressType } from '../dns/records.ts';
import { sorted } from '../dns/resolution.ts';

/** What the file has for a name: each address once, in order; empty when it has none. */
export type KnownHosts = (name: string) => string[];

/**
 * A hosts file that is read when first asked for, and only then: most calls never need it. One that is not there or may
 * not be read counts as empty: it is a fallback for names that DNS does not know, and a container without one is no
 * error.
 */
export function lazyHosts(path: string, types: readonly AddressType[]): () => Promise<KnownHosts> {
  let reading: Promise<KnownHosts> | undefined;
  return () => {
    reading ??= readFile(path, 'utf8')
      .catch(() => '')
      .then((text) => knownHosts(text, types));
    return reading;
  };
}

function knownHosts(text: string, types: readonly AddressType[]): KnownHosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [typed = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = parseAddress(typed);
    if (address === undefined || !types.includes(typeof address === 'number' ? 'A' : 'AAAA')) continue;
    for (const name of names.map((written) => written.toLowerCase())) {
      hosts.set(name, sorted([...(hosts.get(name) ?? []), formatAddress(address)]));
    }
  }
  return (name) => hosts.get(name.toLowerCase()) ?? [];
}
