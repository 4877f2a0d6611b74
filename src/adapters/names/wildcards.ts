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

/**
 * The names whose addresses are all among those that any name of their domain gets, with that domain. They may exist
 * all the same. A resolver that does not answer gives no flags: the names themselves are known already. Throws the
 * signal's reason when it is aborted, and nothing else.
 */
export async function wildcardNames(
  resolutions: ReadonlyMap<string, Resolution>,
  options: WildcardOptions,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const found: { name: string; parent: string; addresses: readonly string[] }[] = [];
  for (const [name, resolution] of resolutions) {
    const parent = parentOf(name);
    if (parent !== undefined && !('failure' in resolution))
      found.push({ name, parent, addresses: resolution.addresses });
  }
  const wildcards = await wildcardsOf([...new Set(found.map(({ parent }) => parent))], options, signal);
  const flagged = new Map<string, string>();
  for (const { name, parent, addresses } of found) {
    const wildcard = wildcards.get(parent);
    if (addresses.every((address) => wildcard?.has(address))) flagged.set(name, parent);
  }
  return flagged;
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
