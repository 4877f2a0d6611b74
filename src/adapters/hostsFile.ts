import { readFile } from 'node:fs/promises';
import { formatAddress, parseAddress } from '../targets/address.ts';
import type { AddressType } from './dnsMessage.ts';
import { sorted } from './resolution.ts';

/** Lower-case host name -> its addresses of both families, in the file's order. */
export type Hosts = ReadonlyMap<string, string[]>;

/**
 * The lines of a hosts file. A file that is not there or may not be read counts as empty: it is a fallback for names
 * that DNS does not know, and a container without one is no error.
 */
export async function readHostsFile(path: string): Promise<Hosts> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return new Map();
  }
  return parseHosts(text);
}

/** What the file has for a name in one family: each address once, in numerical order. */
export function hostsAddresses(hosts: Hosts, name: string, type: AddressType): string[] {
  const addresses = hosts.get(name.toLowerCase()) ?? [];
  return sorted(addresses.filter((address) => address.includes(':') === (type === 'AAAA')));
}

function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [typed = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = parseAddress(typed);
    if (address === undefined) continue;
    for (const written of names) {
      const name = written.toLowerCase();
      const addresses = hosts.get(name);
      if (addresses) addresses.push(formatAddress(address));
      else hosts.set(name, [formatAddress(address)]);
    }
  }
  return hosts;
}
