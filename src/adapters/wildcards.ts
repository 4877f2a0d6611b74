import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { AwayError } from '../errors.ts';
import { KEY_PREFIX } from './redis.ts';
import type { NameResolver, Resolution } from './resolver.ts';

/** Names asked for below a domain that nobody can have meant. */
const PROBES = 3;
/** How long what was found is believed, in seconds: the chunks of one submission ask for the same domains. */
const KEPT_S = 600;

/** Finds domains that answer for every name below them. */
export class Wildcards {
  readonly #redis: Redis;
  readonly #resolver: NameResolver;

  constructor(redis: Redis, resolver: NameResolver) {
    this.#redis = redis;
    this.#resolver = resolver;
  }

  /**
   * The names whose addresses are all among those that their parent domain gives to any name, by domain. They may
   * exist all the same. While DNS does not answer, none is found: this is a hint, and nobody waits for it.
   */
  async names(
    resolved: ReadonlyMap<string, Resolution>,
    ipVersion: '4' | '6' | 'any',
    signal?: AbortSignal,
  ): Promise<Map<string, string[]>> {
    const byDomain = new Map<string, string[]>();
    for (const [name, resolution] of resolved) {
      const domain = name.slice(name.indexOf('.') + 1);
      if ('failure' in resolution || !domain.includes('.')) continue;
      const names = byDomain.get(domain);
      if (names) names.push(name);
      else byDomain.set(domain, [name]);
    }
    const anywhere = await this.#addresses([...byDomain.keys()], ipVersion, signal);
    const flagged = new Map<string, string[]>();
    for (const [domain, names] of byDomain) {
      const given = anywhere.get(domain);
      const same = given ? names.filter((name) => isWithin(resolved.get(name), given)) : [];
      if (same.length > 0) flagged.set(domain, same);
    }
    return flagged;
  }

  /** What each of these domains gives to any name; domains that give nothing are missing. */
  async #addresses(
    domains: readonly string[],
    ipVersion: '4' | '6' | 'any',
    signal: AbortSignal | undefined,
  ): Promise<Map<string, Set<string>>> {
    const keyOf = (domain: string) => `${KEY_PREFIX}:dns:wildcard:${ipVersion}:${domain}`;
    const known = domains.length === 0 ? [] : await this.#redis.mget(domains.map(keyOf));
    const texts = new Map(domains.map((domain, index) => [domain, known[index] ?? undefined]));
    const open = domains.filter((domain) => texts.get(domain) === undefined);
    const probed = await this.#probe(open, ipVersion, signal);
    const pipeline = this.#redis.pipeline();
    for (const [domain, addresses] of probed) {
      texts.set(domain, addresses.join(' '));
      pipeline.set(keyOf(domain), addresses.join(' '), 'EX', KEPT_S);
    }
    await pipeline.exec();
    const given = [...texts].filter((entry): entry is [string, string] => Boolean(entry[1]));
    return new Map(given.map(([domain, text]) => [domain, new Set(text.split(' '))]));
  }

  /** Domain -> the addresses of names that do not exist; none unless each of them has some. */
  async #probe(
    domains: readonly string[],
    ipVersion: '4' | '6' | 'any',
    signal: AbortSignal | undefined,
  ): Promise<Map<string, string[]>> {
    const probes = new Map(
      domains.map((domain) => [domain, Array.from({ length: PROBES }, () => probeOf(domain))]),
    );
    const options = { ipVersion, throwaway: true, tries: 1 };
    const found = await this.#resolver
      .resolve([...probes.values()].flat(), options, signal)
      .catch((error: unknown) => {
        if (error instanceof AwayError) return undefined;
        throw error;
      });
    if (found === undefined) return new Map();
    return new Map(
      [...probes].map(([domain, names]) => {
        const answers = names.map((name) => addressesOf(found.get(name)));
        const all = answers.every((addresses) => addresses.length > 0);
        return [domain, all ? [...new Set(answers.flat())] : []];
      }),
    );
  }
}

function probeOf(domain: string): string {
  return `${randomBytes(12).toString('hex')}.${domain}`;
}

function addressesOf(resolution: Resolution | undefined): string[] {
  return resolution === undefined || 'failure' in resolution ? [] : resolution.addresses;
}

function isWithin(resolution: Resolution | undefined, given: ReadonlySet<string>): boolean {
  return addressesOf(resolution).every((address) => given.has(address));
}
