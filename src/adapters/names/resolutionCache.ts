import type { Answer, IpVersion, Resolution } from '../../model/resolution.ts';
import { decodeResolution, encodeResolution } from '../../targets/resolutionCodec.ts';
import type { DnsCache } from './dnsCache.ts';

/** A TTL can be years; nobody means that. */
const LONGEST_S = 3_600;
/** Dozens of addresses. Longer answers are rare, and would make the cache large in spite of its limit. */
const LONGEST_TEXT = 1_000;
/** Nobody waits for a cache: what was learnt is written when whoever asked is, most likely, further on. */
const WRITE_AFTER_MS = 250;

/** The cache as one call of the resolver uses it. */
export class ResolutionCache {
  readonly #cache: DnsCache;
  readonly #ipVersion: IpVersion;
  readonly #now: () => number;
  readonly #learnt: [name: string, resolution: Answer][] = [];

  /** `now` in epoch milliseconds. */
  constructor(cache: DnsCache, ipVersion: IpVersion, now: () => number) {
    this.#cache = cache;
    this.#ipVersion = ipVersion;
    this.#now = now;
  }

  /** The names that the cache knows. */
  async read(names: readonly string[]): Promise<Map<string, Resolution>> {
    const texts = await this.#cache.read(names.map((name) => this.#keyOf(name)));
    const known = new Map<string, Resolution>();
    if (texts.size === 0) return known;
    const nowMs = this.#now();
    for (const name of names) {
      const resolution = decodeResolution(texts.get(this.#keyOf(name)) ?? '');
      if (resolution && endMsOf(resolution) > nowMs) known.set(name, resolution);
    }
    return known;
  }

  /** Keeps what has addresses for its TTL. Failures are asked for again, also those of one family. */
  keep(name: string, resolution: Resolution): void {
    if (!('failure' in resolution) && !resolution.unanswered && resolution.ttlS > 0)
      this.#learnt.push([name, resolution]);
  }

  /** Writes what was kept, in a moment. A process that ends before loses it: it is a cache. */
  writeSoon(): void {
    if (this.#learnt.length > 0) setTimeout(() => void this.#write(), WRITE_AFTER_MS).unref();
  }

  async #write(): Promise<void> {
    const pairs: string[] = [];
    for (const [name, answer] of this.#learnt) {
      const value = encodeResolution(answer);
      if (value.length <= LONGEST_TEXT) pairs.push(this.#keyOf(name), value);
    }
    if (pairs.length > 0) await this.#cache.write(pairs);
  }

  #keyOf(name: string): string {
    const lower = name.toLowerCase();
    return `${this.#ipVersion} ${lower.endsWith('.') ? lower.slice(0, -1) : lower}`;
  }
}

function endMsOf({ atMs, ttlS }: Answer): number {
  return atMs + Math.min(ttlS, LONGEST_S) * 1_000;
}
