import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { DnsCache } from '../names/dnsCache.ts';
import { lazyHosts } from '../names/hostsFile.ts';
import { ResolutionCache } from '../names/resolutionCache.ts';
import { serverAddresses } from './address.ts';
import { NameLookup } from './nameLookup.ts';
import type { Outstanding } from './outstanding.ts';
import { bounded, isWhole } from './resolution.ts';
import { DnsRounds } from './rounds.ts';
import { DnsServers } from './servers.ts';

export type { IpVersion, Resolution } from '../../model/resolution.ts';

interface ResolveOptions {
  /** @default '4' */
  ipVersion?: IpVersion;
  /** Asks the servers also for what the cache knows; the cache learns the answers. @default false */
  fresh?: boolean;
  /** For names that never come again: the cache is neither read nor written. @default false */
  throwaway?: boolean;
  /** Instead of the resolver's own {@link ResolverOptions.tries}. */
  tries?: number;
  /** Told of each name that is resolved, at once. What it throws ends the call, and is thrown by it. */
  onResolved?(name: string, resolution: Resolution): void;
}

export interface NameResolver {
  /**
   * One resolution per distinct name, keyed as given. Throws ServiceUnavailableError('dns') when names stay open and no
   * server answers anything, and the signal's reason when it is aborted.
   */
  resolve(
    names: readonly string[],
    options?: ResolveOptions,
    signal?: AbortSignal,
  ): Promise<Map<string, Resolution>>;
  /** Throws ServiceUnavailableError('dns') when no server answers anything. */
  check(): Promise<void>;
  /** Lets go of every query that is out; the calls that wait for one throw ServiceUnavailableError('dns'). */
  close(): void;
}

export interface ResolverOptions {
  /** `address`, `address:port` or `[v6]:port`. @default the system's */
  servers?: readonly string[] | undefined;
  /** Queries per second to each server, of this process; 0 is no limit. @default 0 */
  rate?: number;
  /** Names out at once, over all calls, but for those that are silent. More than some hundreds is slower, not faster. @default 100 */
  concurrency?: number;
  /** For one name, all {@link tries} together: waiting in line does not count. @default 20_000 */
  timeoutMs?: number;
  /** For one try, from when it is sent. @default the part of one try in the whole */
  deadlineMs?: number;
  /** How often a name is asked for that gets no answer, SERVFAIL or a refusal. @default 4 */
  tries?: number;
  /** Asked for the names that DNS fails to resolve; read at each call. @default '/etc/hosts' */
  hostsFile?: string;
  /** Shared with other processes. @default none */
  cache?: DnsCache | undefined;
  /** Epoch milliseconds: processes that share a cache, or look-ups that they keep, need the same. @default Date.now */
  now?: () => number;
}

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
  readonly #now: () => number;

  constructor({ servers, rate = 0, concurrency = 100, timeoutMs = 20_000, ...rest }: ResolverOptions) {
    const {
      tries = 4,
      deadlineMs = timeoutMs / tries,
      hostsFile = '/etc/hosts',
      cache,
      now = Date.now,
    } = rest;
    this.#servers = new DnsServers(serverAddresses(servers), rate);
    this.#rounds = new DnsRounds({ servers: this.#servers, concurrency, deadlineMs });
    this.#tries = tries;
    this.#hostsFile = hostsFile;
    this.#cache = cache;
    this.#now = now;
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
    this.#rounds.endAll(new ServiceUnavailableError('dns', 'the resolver was closed'));
    this.#servers.close();
  }

  async #resolve(
    names: readonly string[],
    options: ResolveOptions,
    call: Outstanding,
  ): Promise<Map<string, Resolution>> {
    const { ipVersion = '4', fresh = false, throwaway = false, tries = this.#tries } = options;
    const now = this.#now;
    const cache = this.#cache && !throwaway ? new ResolutionCache(this.#cache, ipVersion, now) : undefined;
    const cached = fresh ? undefined : await cache?.read(names);
    call.throwIfEnded();
    const queries: NameLookup[] = [];
    for (const name of names) if (!cached?.has(name)) queries.push(new NameLookup(name, ipVersion, now));
    const hosts = lazyHosts(this.#hostsFile, queries[0]?.types ?? []);
    const onFinal = (query: NameLookup) => {
      cache?.keep(query.name, query.resolution);
      tell(query.name, query.resolution);
    };
    const tell = (name: string, resolution: Resolution) => {
      try {
        options.onResolved?.(name, resolution);
      } catch (error) {
        call.end(error);
      }
    };
    for (const [name, resolution] of cached ?? []) tell(name, resolution);
    call.throwIfEnded();
    try {
      await this.#rounds.ask(queries, { rounds: tries, hosts, onFinal, call });
    } finally {
      cache?.writeSoon();
    }
    const found = cached ?? new Map<string, Resolution>();
    for (const query of queries) {
      const { name, resolution } = query;
      found.set(name, isWhole(resolution) ? resolution : query.resolutionWith((await hosts())(name)));
    }
    for (const [name, resolution] of found) found.set(name, bounded(resolution));
    return found;
  }
}
