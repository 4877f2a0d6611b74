import { setMaxListeners } from 'node:events';
import pTimeout from 'p-timeout';
import type { IpVersion, Resolution } from '../../model/resolution.ts';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { DnsCache } from '../names/dnsCache.ts';
import { lazyHosts } from '../names/hostsFile.ts';
import { cachedResolutions, keepResolutions } from '../names/resolutionCache.ts';
import { serverAddresses } from './address.ts';
import { type Limits, NameLookup, TYPES } from './nameLookup.ts';
import { Pace } from './pace.ts';
import { bounded, isWhole } from './resolution.ts';
import type { OnQuery } from './server.ts';
import { DnsServers } from './servers.ts';
import { Slots } from './slots.ts';
import { askAll, probe } from './tries.ts';

const TRIES = 4;
/** Nobody waits for a cache: what was learnt is written when whoever asked is, most likely, further on. */
const WRITE_AFTER_MS = 250;

interface ResolveOptions {
  /** @default '4' */
  ipVersion?: IpVersion;
  /** Asks the servers also for what the cache knows; the cache learns the answers. @default false */
  fresh?: boolean;
  /** For names that never come again: the cache is neither read nor written. @default false */
  throwaway?: boolean;
  /** How often a name is asked for that gets no answer, SERVFAIL or a refusal. @default 4 */
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
  /** Names that were just asked for, over all calls. More than some hundreds is slower, not faster. @default 100 */
  concurrency?: number;
  /** Names that are asked for and wait, over all calls: each is some memory. @default 10_000 */
  mostInFlight?: number;
  /** For one name, all {@link TRIES} together: waiting in line does not count. @default 12_000 */
  timeoutMs?: number;
  /** Asked for the names that DNS fails to resolve; read at each call. @default '/etc/hosts' */
  hostsFile?: string;
  /** Shared with other processes. @default none */
  cache?: DnsCache | undefined;
  /** Epoch milliseconds: processes that share a cache, or look-ups that they keep, need the same. @default Date.now */
  now?: () => number;
  onQuery?: OnQuery | undefined;
}

/** Resolves names to addresses. Nothing is sent before the first call. Throws on a server that is no address. */
export function createResolver(options: ResolverOptions = {}): NameResolver {
  return new DnsResolver(options);
}

class DnsResolver implements NameResolver {
  readonly #closing = new AbortController();
  readonly #limits: Omit<Limits, 'signal'>;
  readonly #slots: Slots;
  readonly #pace = new Pace();
  readonly #hostsFile: string;
  readonly #cache: DnsCache | undefined;

  constructor({ servers, rate = 0, timeoutMs = 12_000, ...rest }: ResolverOptions) {
    this.#limits = {
      servers: new DnsServers(serverAddresses(servers), rate, this.#closing.signal, rest.onQuery),
      deadlineMs: timeoutMs / TRIES,
      now: rest.now ?? Date.now,
    };
    this.#slots = new Slots(rest.concurrency ?? 100, rest.mostInFlight ?? 10_000);
    this.#hostsFile = rest.hostsFile ?? '/etc/hosts';
    this.#cache = rest.cache;
  }

  resolve(
    names: readonly string[],
    options: ResolveOptions = {},
    signal?: AbortSignal,
  ): Promise<Map<string, Resolution>> {
    return this.#asCall((...call) => this.#resolve([...new Set(names)], options, ...call), signal);
  }

  check(): Promise<void> {
    return this.#asCall((signal) => probe('.', { ...this.#limits, signal }));
  }

  close(): void {
    this.#closing.abort(new ServiceUnavailableError('dns', 'the resolver was closed'));
  }

  /** Rejects at once when the call is ended: by the caller's signal, with the resolver, or by its own work. */
  async #asCall<T>(
    work: (signal: AbortSignal, end: (reason: unknown) => void) => Promise<T>,
    caller?: AbortSignal,
  ): Promise<T> {
    const own = new AbortController();
    const signals = [own.signal, this.#closing.signal];
    const signal = AbortSignal.any(caller ? [...signals, caller] : signals);
    signal.throwIfAborted();
    // Every query that waits for its turn listens, and every socket.
    setMaxListeners(0, signal, this.#closing.signal);
    const working = work(signal, (reason) => own.abort(reason));
    return pTimeout(working, { milliseconds: Number.POSITIVE_INFINITY, signal });
  }

  async #resolve(
    names: readonly string[],
    { ipVersion = '4', fresh = false, throwaway = false, tries = TRIES, onResolved }: ResolveOptions,
    signal: AbortSignal,
    end: (reason: unknown) => void,
  ): Promise<Map<string, Resolution>> {
    const { now } = this.#limits;
    const cache = throwaway ? undefined : this.#cache;
    const tell = ({ name, resolution }: Pick<NameLookup, 'name' | 'resolution'>) => {
      try {
        onResolved?.(name, resolution);
      } catch (error) {
        end(error);
      }
    };
    const found = new Map(cache && !fresh ? await cachedResolutions(cache, ipVersion, names, now) : []);
    for (const [name, resolution] of found) tell({ name, resolution });
    signal.throwIfAborted();
    const lookups = names.filter((name) => !found.has(name)).map((name) => new NameLookup(name, ipVersion));
    const hosts = lazyHosts(this.#hostsFile, TYPES[ipVersion]);
    const shared = { ...this.#limits, slots: this.#slots, pace: this.#pace };
    try {
      await askAll(lookups, { ...shared, tries, hosts, onFinal: tell, end, signal });
    } finally {
      if (cache) setTimeout(keepResolutions, WRITE_AFTER_MS, cache, ipVersion, lookups).unref();
    }
    for (const lookup of lookups) {
      const { name, resolution } = lookup;
      const isKnown = isWhole(resolution);
      found.set(name, isKnown ? resolution : lookup.resolutionWith((await hosts())(name), now()));
    }
    for (const [name, resolution] of found) found.set(name, bounded(resolution));
    return found;
  }
}
