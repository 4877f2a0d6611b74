/** What names came to, in the cache that processes share. */
import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { decodeResolution, encodeResolution } from '../../targets/resolutionCodec.ts';
import type { DnsCache } from './dnsCache.ts';

/** A TTL can be years; nobody means that. */
const LONGEST_S = 3_600;

/** The names that the cache knows. `now` in epoch milliseconds. */
export async function cachedResolutions(
  cache: DnsCache,
  ipVersion: IpVersion,
  names: readonly string[],
  now: () => number,
): Promise<Map<string, Resolution>> {
  const texts = await cache.read(names.map((name) => keyOf(name, ipVersion)));
  const known = new Map<string, Resolution>();
  const nowMs = now();
  for (const name of names) {
    const answer = decodeResolution(texts.get(keyOf(name, ipVersion)) ?? '');
    if (answer && answer.atMs + Math.min(answer.ttlS, LONGEST_S) * 1_000 > nowMs) known.set(name, answer);
  }
  return known;
}

/** Keeps what has addresses for its TTL. Failures are asked for again, also those of one family. */
export async function keepResolutions(
  cache: DnsCache,
  ipVersion: IpVersion,
  lookups: Iterable<{ name: string; resolution: Resolution }>,
): Promise<void> {
  const learnt = new Map<string, string>();
  for (const { name, resolution } of lookups) {
    if ('failure' in resolution || resolution.unanswered || resolution.ttlS === 0) continue;
    learnt.set(keyOf(name, ipVersion), encodeResolution(resolution));
  }
  await cache.write(learnt);
}

function keyOf(name: string, ipVersion: IpVersion): string {
  return `${ipVersion} ${name.toLowerCase().replace(/\.$/, '')}`;
}
