import { parseAddress } from '../targets/address.ts';
import type { CacheEntry, DnsCache } from './dnsCache.ts';
import type { IpVersion, Resolution } from './resolution.ts';

/** A resolution and whether asking again would give the same. */
export interface Learnt {
  resolution: Resolution;
  final: boolean;
}

/** A TTL can be years; nobody means that. */
const LONGEST_S = 3_600;
/** Dozens of addresses. Longer answers are rare, and would make the cache large in spite of its limit. */
const LONGEST_TEXT = 1_000;

/** The names that the cache knows. */
export async function readCache(
  cache: DnsCache,
  names: readonly string[],
  ipVersion: IpVersion,
): Promise<Map<string, Resolution>> {
  const texts = await cache.read(names.map((name) => keyOf(name, ipVersion)));
  const known = new Map<string, Resolution>();
  if (texts.size === 0) return known;
  for (const name of names) {
    const resolution = read(texts.get(keyOf(name, ipVersion)));
    if (resolution) known.set(name, resolution);
  }
  return known;
}

/** Keeps what has addresses, in all families that were asked for, for its TTL. Failures are asked for again. */
export async function writeCache(
  cache: DnsCache,
  learnt: ReadonlyMap<string, Learnt>,
  ipVersion: IpVersion,
): Promise<void> {
  const entries: CacheEntry[] = [];
  for (const [name, { resolution, final }] of learnt) {
    if (!final || 'failure' in resolution || resolution.ttlS === 0) continue;
    const { addresses, chain, ttlS, atMs } = resolution;
    const value = `${atMs} ${ttlS} ${addresses.join()} ${chain.join()}`;
    if (value.length > LONGEST_TEXT) continue;
    const endMs = atMs + Math.min(ttlS, LONGEST_S) * 1_000;
    entries.push({ key: keyOf(name, ipVersion), value, endMs });
  }
  if (entries.length > 0) await cache.write(entries);
}

function keyOf(name: string, ipVersion: IpVersion): string {
  const lower = name.toLowerCase();
  return `${ipVersion} ${lower.endsWith('.') ? lower.slice(0, -1) : lower}`;
}

/** Undefined for what this version of Tasker would not have written. No name of a chain has a blank or a comma. */
function read(text: string | undefined): Resolution | undefined {
  const match = /^(\d{1,15}) (\d{1,10}) (\S+) (\S*)$/.exec(text ?? '');
  if (!match) return undefined;
  const [, atMs, ttlS, list = '', chain = ''] = match;
  const addresses = list.split(',');
  if (addresses.some((address) => parseAddress(address) === undefined)) return undefined;
  return {
    addresses,
    chain: chain === '' ? [] : chain.split(','),
    ttlS: Number(ttlS),
    atMs: Number(atMs),
  };
}
