import { randomBytes } from 'node:crypto';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { IpVersion, NameResolver, Resolution } from '../dns/resolver.ts';
import type { DnsCache } from './dnsCache.ts';

/** All that the probes got in a domain in which every name has an address, whether anybody ever made it or not. */
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
const NO_WILDCARD = '-';

/**
 * The names whose addresses are all among those that any name of their domain gets, with that domain. They may exist
 * all the same. A resolver that does not answer gives no flags: the names themselves are known already.
 */
export async function wildcardNames(
  resolutions: ReadonlyMap<string, Resolution>,
  options: WildcardOptions,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const parents = new Map<string, string>();
  for (const [name, resolution] of resolutions) {
    const parent = parentOf(name);
    if (parent !== undefined && !('failure' in resolution)) parents.set(name, parent);
  }
  const wildcards = await wildcardParents(new Set(parents.values()), options, signal);
  const flagged = new Map<string, string>();
  if (wildcards.size === 0) return flagged;
  for (const [name, parent] of parents) {
    const resolution = resolutions.get(name);
    const wildcard = wildcards.get(parent);
    if (!wildcard || !resolution || 'failure' in resolution) continue;
    if (resolution.addresses.every((address) => wildcard.has(address))) flagged.set(name, parent);
  }
  return flagged;
}

/**
 * Those of the domains that are wildcards: of which three random names resolve. Domains of one label are not asked.
 * Throws the signal's reason when it is aborted, and nothing else.
 */
async function wildcardParents(
  parents: Iterable<string>,
  { resolver, cache, ipVersion = '4' }: WildcardOptions,
  signal?: AbortSignal,
): Promise<Map<string, Wildcard>> {
  const found = new Map<string, Wildcard>();
  const domains = [...new Set(parents)].filter((parent) => parent.includes('.'));
  const keyOf = (parent: string) => `wildcard ${ipVersion} ${parent}`;
  const kept = (await cache?.read(domains.map(keyOf))) ?? new Map<string, string>();
  const probes = new Map<string, string[]>();
  for (const parent of domains) {
    const known = parseKept(kept.get(keyOf(parent)));
    if (known === undefined) probes.set(parent, probesOf(parent));
    else if (known !== NO_WILDCARD) found.set(parent, known);
  }
  const learnt: string[] = [];
  const resolutions = await resolved([...probes.values()].flat(), resolver, ipVersion, signal);
  for (const [parent, names] of probes) {
    const verdict = verdictOf(names.map((name) => resolutions.get(name)));
    if (verdict === undefined) continue;
    if (verdict !== NO_WILDCARD) found.set(parent, verdict);
    learnt.push(keyOf(parent), textOf(verdict));
  }
  if (learnt.length > 0) await cache?.write(learnt);
  return found;
}

function parentOf(name: string): string | undefined {
  const plain = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
  const dot = plain.indexOf('.');
  const parent = plain.slice(dot + 1);
  return dot > 0 && parent.includes('.') ? parent : undefined;
}

function probesOf(parent: string): string[] {
  return Array.from({ length: PROBES }, () => `${randomBytes(LABEL_BYTES).toString('hex')}.${parent}`);
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
function verdictOf(probes: readonly (Resolution | undefined)[]): Wildcard | typeof NO_WILDCARD | undefined {
  const sets: string[][] = [];
  for (const probe of probes) {
    if (!probe) continue;
    if (!('failure' in probe)) sets.push(probe.addresses);
    else if (probe.failure === 'nxdomain' || probe.failure === 'nodata') return NO_WILDCARD;
  }
  if (sets.length < PROBES) return undefined;
  return new Set(sets.flat());
}

function textOf(verdict: Wildcard | typeof NO_WILDCARD): string {
  const endMs = Date.now() + KEPT_MS;
  return `${endMs} ${verdict === NO_WILDCARD ? NO_WILDCARD : [...verdict].join()}`;
}

/** Undefined for what has ended, or what this version of Tasker would not have written. */
function parseKept(text: string | undefined): Wildcard | typeof NO_WILDCARD | undefined {
  const [, endMs, list] = /^(\d{1,15}) (-|[0-9a-f.:,]+)$/.exec(text ?? '') ?? [];
  if (list === undefined || Number(endMs) <= Date.now()) return undefined;
  return list === NO_WILDCARD ? NO_WILDCARD : new Set(list.split(','));
}
