import { randomBytes } from 'node:crypto';
import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { NameResolver } from '../dns/resolver.ts';
import type { DnsCache } from './dnsCache.ts';

/**
 * All that the probes got in a domain in which every name has an address, whether anybody ever made it or not. Empty:
 * the domain is no wildcard.
 */
type Wildcard = ReadonlySet<string>;

export interface WildcardOptions {
  resolver: NameResolver;
  cache?: DnsCache | undefined;
  /** @default '4' */
  ipVersion?: IpVersion;
}

/** Random names that are asked for in each domain. */
const PROBES = 3;
/** 24 letters and digits: nobody has such a name. */
const LABEL_BYTES = 12;
/** Of one probe; a domain that says nothing about it is not known to be a wildcard. */
const TRIES = 2;
const KEPT_MS = 600_000;

/** Names that are resolved one after the other wait so long for each other, to be asked about together. */
const GATHER_MS = 250;

/**
 * Finds the names whose addresses are all among those that any name of their domain gets. They may exist all the same. A
 * resolver that does not answer gives no flags: the names themselves are known already.
 */
export class WildcardWatch {
  readonly #options: WildcardOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #seen = new Set<string>();
  #unasked: string[] = [];
  readonly #asked: Promise<Map<string, Wildcard>>[] = [];

  constructor(options: WildcardOptions, signal?: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Its domain is asked about soon, while other names are still waited for. */
  see(name: string, resolution: Resolution): void {
    const parent = parentOf(name);
    if (parent === undefined || 'failure' in resolution || this.#seen.has(parent)) return;
    this.#seen.add(parent);
    if (this.#unasked.push(parent) === 1) setTimeout(() => this.#ask(), GATHER_MS).unref();
  }

  /** Those of the names, with their domain. Throws the signal's reason when it is aborted, and nothing else. */
  async flagged(resolutions: ReadonlyMap<string, Resolution>): Promise<Map<string, string>> {
    for (const [name, resolution] of resolutions) this.see(name, resolution);
    this.#ask();
    const wildcards = new Map((await Promise.all(this.#asked)).flatMap((each) => [...each]));
    const flagged = new Map<string, string>();
    for (const [name, resolution] of resolutions) {
      const parent = parentOf(name);
      if (parent === undefined || 'failure' in resolution) continue;
      const wildcard = wildcards.get(parent);
      if (resolution.addresses.every((address) => wildcard?.has(address))) flagged.set(name, parent);
    }
    return flagged;
  }

  #ask(): void {
    if (this.#unasked.length === 0) return;
    const asked = wildcardsOf(this.#unasked, this.#options, this.#signal);
    this.#unasked = [];
    // Whoever wants the flags is told; nobody may, when the names themselves came to nothing.
    asked.catch(() => {});
    this.#asked.push(asked);
  }
}

/** What is known of the domains, or found out now by three random names each. */
async function wildcardsOf(
  domains: readonly string[],
  { resolver, cache, ipVersion = '4' }: WildcardOptions,
  signal: AbortSignal | undefined,
): Promise<Map<string, Wildcard>> {
  const keyOf = (domain: string) => `wildcard ${ipVersion} ${domain}`;
  const kept = await cache?.read(domains.map(keyOf));
  const wildcards = new Map<string, Wildcard>();
  const probes = new Map<string, string[]>();
  for (const domain of domains) {
    const known = parseKept(kept?.get(keyOf(domain)));
    if (known) wildcards.set(domain, known);
    else probes.set(domain, probesOf(domain));
  }
  const resolutions = await resolved([...probes.values()].flat(), resolver, ipVersion, signal);
  const learnt = new Map<string, string>();
  for (const [domain, names] of probes) {
    const verdict = verdictOf(names.map((name) => resolutions.get(name)));
    if (verdict === undefined) continue;
    wildcards.set(domain, verdict);
    learnt.set(keyOf(domain), `${Date.now() + KEPT_MS} ${[...verdict].join()}`);
  }
  await cache?.write(learnt);
  return wildcards;
}

/** Undefined for one of one label, which is not asked. */
function parentOf(name: string): string | undefined {
  const plain = name.replace(/\.$/, '').toLowerCase();
  const dot = plain.indexOf('.');
  const parent = plain.slice(dot + 1);
  return dot > 0 && parent.includes('.') ? parent : undefined;
}

function probesOf(domain: string): string[] {
  return Array.from({ length: PROBES }, () => `${randomBytes(LABEL_BYTES).toString('hex')}.${domain}`);
}

async function resolved(
  names: readonly string[],
  resolver: NameResolver,
  ipVersion: IpVersion,
  signal: AbortSignal | undefined,
): Promise<Map<string, Resolution>> {
  if (names.length === 0) return new Map();
  try {
    return await resolver.resolve(names, { ipVersion, throwaway: true, tries: TRIES }, signal);
  } catch (error) {
    if (error instanceof ServiceUnavailableError) return new Map();
    throw error;
  }
}

/** Undefined when no probe says no, and not all say yes. */
function verdictOf(probes: readonly (Resolution | undefined)[]): Wildcard | undefined {
  const addresses: string[][] = [];
  for (const probe of probes) {
    if (!probe) continue;
    if (!('failure' in probe)) addresses.push(probe.addresses);
    else if (probe.failure === 'nxdomain' || probe.failure === 'nodata') return new Set();
  }
  return addresses.length < PROBES ? undefined : new Set(addresses.flat());
}

/** Undefined for what has ended, or what this version of Tasker would not have written. */
function parseKept(text: string | undefined): Wildcard | undefined {
  const [, endMs, list] = /^(\d{1,15}) ([0-9a-f.:,]*)$/.exec(text ?? '') ?? [];
  if (list === undefined || Number(endMs) <= Date.now()) return undefined;
  return new Set(list === '' ? [] : list.split(','));
}
