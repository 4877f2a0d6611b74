import { AwayError } from '../errors.ts';
import { type Learnt, readCache, writeCache } from './cachedResolutions.ts';
import { serverAddresses } from './dnsAddress.ts';
import type { DnsCache } from './dnsCache.ts';
import type { AddressType } from './dnsMessage.ts';
import { DnsRounds, type Query } from './dnsRounds.ts';
import { DnsServers } from './dnsServers.ts';
import { type Hosts, hostsAddresses, readHostsFile } from './hostsFile.ts';
import type { Outstanding } from './outstanding.ts';
import { combined, type IpVersion, isFinal, type Resolution } from './resolution.ts';

export type { Failure, IpVersion, Resolution } from './resolution.ts';

export interface ResolveOptions {
  /** @default '4' */
  ipVersion?: IpVersion;
  /** Asks the servers also for what the cache knows; the cache learns the answers. @default false */
  fresh?: boolean;
  /** For names that never come again: the cache is neither read nor written. @default false */
  throwaway?: boolean;
  /** Instead of the resolver's own {@link ResolverOptions.tries}. */
  tries?: number;
}

export interface NameResolver {
  /**
   * One resolution per distinct name, keyed as given. Throws AwayError('dns') when names stay open and no
   * server answers anything, and the signal's reason when it is aborted.
   */
  resolve(
    names: readonly string[],
    options?: ResolveOptions,
    signal?: AbortSignal,
  ): Promise<Map<string, Resolution>>;
  /** Throws AwayError('dns') when no server answers anything. */
  check(): Promise<void>;
  /** Lets go of every query that is out; the calls that wait for one throw AwayError('dns'). */
  close(): void;
}

export interface ResolverOptions {
  /** `address`, `address:port` or `[v6]:port`. @default the system's */
  servers?: readonly string[] | undefined;
  /** Queries per second to each server, of this process; 0 is no limit. @default 0 */
  rate?: number;
  /** Queries out at once, over all calls. More than some hundreds is slower, not faster. @default 100 */
  concurrency?: number;
  /** For one try of one name, from when it is sent: waiting in line does not count. @default 5000 */
  deadlineMs?: number;
  /** How often a name is asked for that gets no answer, SERVFAIL or a refusal. @default 4 */
  tries?: number;
  /** Asked for the names that DNS fails to resolve; read at each call. @default '/etc/hosts' */
  hostsFile?: string;
  /** Shared with other processes. @default none */
  cache?: DnsCache | undefined;
}

const TYPES: Readonly<Record<IpVersion, readonly AddressType[]>> = {
  '4': ['A'],
  '6': ['AAAA'],
  any: ['A', 'AAAA'],
};

/** Resolves names to addresses. Nothing is sent before the first call. Throws on a server that is no address. */
export function createResolver(options: ResolverOptions = {}): NameResolver {
  return new DnsResolver(options);
}

class DnsResolver implements NameResolver {
  readonly #servers: DnsServers;
  readonly #rounds: DnsRounds;
  readonly #tries: number;
  readonly #hostsFile: string;
  readonly #cache: DnsCache | undefined;

  constructor({ servers, rate = 0, concurrency = 100, deadlineMs = 5000, ...rest }: ResolverOptions) {
    const { tries = 4, hostsFile = '/etc/hosts', cache } = rest;
    this.#servers = new DnsServers(serverAddresses(servers), rate);
    this.#rounds = new DnsRounds({ servers: this.#servers, concurrency, deadlineMs });
    this.#tries = tries;
    this.#hostsFile = hostsFile;
    this.#cache = cache;
  }

  async resolve(
    names: readonly string[],
    options: ResolveOptions = {},
    signal?: AbortSignal,
  ): Promise<Map<string, Resolution>> {
    return this.#rounds.asCall(signal, (call) => this.#resolve([...new Set(names)], options, call));
  }

  async check(): Promise<void> {
    await this.#rounds.asCall(undefined, (call) => this.#rounds.probe('.', call));
  }

  close(): void {
    this.#rounds.endAll(new AwayError('dns', 'the resolver was closed'));
    this.#servers.close();
  }

  async #resolve(
    names: readonly string[],
    options: ResolveOptions,
    call: Outstanding,
  ): Promise<Map<string, Resolution>> {
    const { ipVersion = '4', fresh = false, throwaway = false, tries = this.#tries } = options;
    const cache = throwaway ? undefined : this.#cache;
    const cached = cache && !fresh ? await readCache(cache, names, ipVersion) : new Map<string, Resolution>();
    call.throwIfEnded();
    const open = cached.size === 0 ? names : names.filter((name) => !cached.has(name));
    const learnt = await this.#ask(open, ipVersion, tries, call);
    if (cache) await writeCache(cache, learnt, ipVersion);
    call.throwIfEnded();
    const found = new Map<string, Resolution>();
    for (const name of names) {
      const resolution = cached.get(name) ?? learnt.get(name)?.resolution;
      if (resolution) found.set(name, resolution);
    }
    return found;
  }

  async #ask(
    names: readonly string[],
    ipVersion: IpVersion,
    tries: number,
    call: Outstanding,
  ): Promise<Map<string, Learnt>> {
    const learnt = new Map<string, Learnt>();
    if (names.length === 0) return learnt;
    const types = TYPES[ipVersion];
    const queries: Query[] = names.flatMap((name) => types.map((type) => ({ name, type })));
    let read: Promise<Hosts> | undefined;
    // Only when DNS leaves a name open: most calls never need it.
    const hostsFile = () => (read ??= readHostsFile(this.#hostsFile));
    const known = async () => {
      const hosts = await hostsFile();
      return (name: string) => types.some((type) => hostsAddresses(hosts, name, type).length > 0);
    };
    const answers = await this.#rounds.ask(queries, tries, known, call);
    for (const query of queries) {
      const answer = answers.get(query);
      if (!answer) continue;
      const resolution = 'failure' in answer ? orFromHosts(answer, query, await hostsFile()) : answer;
      // Of one name, A comes before AAAA.
      const v4 = learnt.get(query.name);
      learnt.set(query.name, {
        resolution: v4 ? combined(v4.resolution, resolution) : resolution,
        final: isFinal(answer) && (v4?.final ?? true),
      });
    }
    return learnt;
  }
}

function orFromHosts(failed: Resolution, { name, type }: Query, hosts: Hosts): Resolution {
  const addresses = hostsAddresses(hosts, name, type);
  return addresses.length === 0 ? failed : { addresses, chain: [], ttlS: 0, atMs: Date.now() };
}
