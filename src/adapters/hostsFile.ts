import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** Lower-case host name -> its IPv4 addresses, in the file's order. */
export type Hosts = ReadonlyMap<string, string[]>;

/**
 * The IPv4 lines of a hosts file. A file that is not there or may not be read counts as empty: it is a
 * fallback for names that DNS does not know, and a container without one is no error.
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

function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!isIPv4(address)) continue;
    for (const typed of names) {
      const name = typed.toLowerCase();
      const addresses = hosts.get(name);
      if (addresses) addresses.push(address);
      else hosts.set(name, [address]);
    }
  }
  return hosts;
}
