import type { Resolver } from 'node:dns';
import { AwayError } from '../errors.ts';
import { ask, isAnswer, isFinal, openChannel, type Resolution, sorted } from './dnsQuery.ts';
import { type Hosts, readHostsFile } from './hostsFile.ts';
import { Outstanding, Slots } from './outstanding.ts';

export type { Resolution } from './dnsQuery.ts';

export interface NameResolver {
  /**
   * One resolution per distinct name, keyed as given. Throws AwayError('dns') when names stay open and no
   * server answers anything, and the signal's reason when it is aborted.
   */
  resolve(names: readonly string[], signal?: AbortSignal): Promise<Map<string, Resolution>>;
  /** Throws AwayError('dns') when no server answers anything. */
  check(): Promise<void>;
  /** Lets go of every query that is out; the calls that wait for one throw AwayError('dns'). */
  close(): void;
}

export interface ResolverOptions {
  /** `address` or `address:port`. @default the system's */
  servers?: readonly string[] | undefined;
  /** Queries out at once, over all calls. More than some hundreds is slower, not faster. @default 100 */
  concurrency?: number;
  /** For one try of one name, from when it is sent: waiting in line does not count. @default 5000 */
  deadlineMs?: number;
  /** How often a name is asked for that gets no answer, SERVFAIL or a refusal. @default 4 */
  tries?: number;
  /** Asked for the names that DNS fails to resolve; read at each call. @default '/etc/hosts' */
  hostsFile?: string;
}

/** Before the second round; longer before each later one. */
const PAUSE_MS = 50;

/** Resolves names to IPv4 addresses with c-ares. Nothing is sent before the first call. */
export function createResolver(options: ResolverOptions = {}): NameResolver {
  return new CaresResolver(options);
}

class CaresResolver implements NameResolver {
  readonly #options: Required<ResolverOptions>;
  readonly #shared: Resolver;
  readonly #slots: Slots;
  readonly #calls = new Set<Outstanding>();

  constructor({ servers, concurrency = 100, deadlineMs = 5000, tries = 4, ...rest }: ResolverOptions) {
    const { hostsFile = '/etc/hosts' } = rest;
    this.#options = { servers, concurrency, deadlineMs, tries, hostsFile };
    this.#shared = openChannel(servers, deadlineMs);
    this.#slots = new Slots(concurrency);
  }

  async resolve(names: readonly string[], signal?: AbortSignal): Promise<Map<string, Resolution>> {
    signal?.throwIfAborted();
    return this.#asCall(signal, (call) => this.#resolveInRounds([...new Set(names)], call));
  }

  async check(): Promise<void> {
    await this.#asCall(undefined, (call) => this.#probe('.', call));
  }

  close(): void {
    this.#shared.cancel();
    for (const call of this.#calls) call.end(new AwayError('dns', 'the resolver was closed'));
  }

  async #asCall<T>(signal: AbortSignal | undefined, work: (call: Outstanding) => Promise<T>): Promise<T> {
    const call = new Outstanding();
    const onAbort = () => call.end(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#calls.add(call);
    try {
      return await work(call);
    } finally {
      this.#calls.delete(call);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /**
   * A round asks once for every name that is still open. Rounds, rather than tries name by name, tell a dead
   * resolver from dead names early: when a round brings no answer at all, the resolver itself is in doubt.
   */
  async #resolveInRounds(names: string[], call: Outstanding): Promise<Map<string, Resolution>> {
    const hosts = await readHostsFile(this.#options.hostsFile);
    const found = new Map<string, Resolution>();
    let open = names;
    for (let round = 0; round < this.#options.tries && open.length > 0; round++) {
      if (round > 0) await call.pause(PAUSE_MS * round);
      await this.#askAll(open, round, call, found);
      const silent = !open.some((name) => isAnswer(found.get(name)));
      open = open.filter((name) => !isFinal(found.get(name)));
      // Better than the root: a name that this resolver is known to answer for.
      const probe = names.find((name) => isAnswer(found.get(name))) ?? '.';
      if (silent && !open.every((name) => hosts.has(name.toLowerCase()))) await this.#probe(probe, call);
    }
    fillFromHosts(found, hosts);
    return found;
  }

  /** As many workers as slots take names from one iterator. A slot is held for one name only, so calls share fairly. */
  async #askAll(
    names: readonly string[],
    round: number,
    call: Outstanding,
    found: Map<string, Resolution>,
  ): Promise<void> {
    call.throwIfEnded();
    const left = names.values();
    const work = async () => {
      for (const name of left) {
        if (!this.#slots.tryTake() && !(await this.#slots.take(call))) return;
        found.set(name, await this.#try(name, round, call));
        this.#slots.giveBack();
        if (call.ended) return;
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#options.concurrency, names.length) }, work));
    call.throwIfEnded();
  }

  /**
   * Once it has seen answers, a c-ares channel takes five times their average latency for its time limit,
   * whatever it was told: 250 ms on a fast network, and a slower name would fail. So what the shared channel
   * gives up early is asked for again in a fresh channel, until the deadline; and so are all later tries.
   */
  async #try(name: string, round: number, call: Outstanding): Promise<Resolution> {
    const { deadlineMs } = this.#options;
    if (round > 0) return this.#askAfresh(name, deadlineMs, call);
    const start = performance.now();
    const resolution = await ask(this.#shared, name, deadlineMs, call);
    if (!('failure' in resolution) || resolution.failure !== 'timeout' || call.ended) return resolution;
    const leftMs = deadlineMs - (performance.now() - start);
    return leftMs < 1 ? resolution : this.#askAfresh(name, leftMs, call);
  }

  async #askAfresh(name: string, limitMs: number, call: Outstanding, packets = 1): Promise<Resolution> {
    const channel = openChannel(this.#options.servers, limitMs, packets);
    const resolution = await ask(channel, name, limitMs, call);
    channel.cancel();
    return resolution;
  }

  /** Any answer will do, also an error: it shows that somebody is there. */
  async #probe(name: string, call: Outstanding): Promise<void> {
    const resolution = await this.#askAfresh(name, this.#options.deadlineMs, call, 2);
    call.throwIfEnded();
    if (isAnswer(resolution)) return;
    const servers = this.#shared.getServers().join(', ');
    throw new AwayError(
      'dns',
      `no DNS server answers (${servers}); check that they are the right ones and up`,
    );
  }
}

function fillFromHosts(found: Map<string, Resolution>, hosts: Hosts): void {
  for (const [name, resolution] of found) {
    const addresses = 'failure' in resolution ? hosts.get(name.toLowerCase()) : undefined;
    if (addresses) found.set(name, { addresses: sorted(addresses) });
  }
}
