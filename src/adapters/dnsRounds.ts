import { AwayError } from '../errors.ts';
import { lookUp } from './dnsLookup.ts';
import type { AddressType } from './dnsMessage.ts';
import type { DnsServers } from './dnsServers.ts';
import { Outstanding, Slots } from './outstanding.ts';
import { isAnswer, isFinal, type Resolution } from './resolution.ts';

/** One name and one family of addresses. */
export interface Query {
  name: string;
  type: AddressType;
}

interface RoundsOptions {
  servers: DnsServers;
  concurrency: number;
  deadlineMs: number;
}

/** Before the second round; longer before each later one. */
const PAUSE_MS = 50;

/**
 * Asks for many names in rounds. A round asks once for every name that is still open. Rounds, rather than tries name
 * by name, tell a dead resolver from dead names early: when a round brings no answer at all, the resolver itself is
 * in doubt.
 */
export class DnsRounds {
  readonly #servers: DnsServers;
  readonly #deadlineMs: number;
  readonly #slots: Slots;
  readonly #calls = new Set<Outstanding>();

  constructor({ servers, concurrency, deadlineMs }: RoundsOptions) {
    this.#servers = servers;
    this.#deadlineMs = deadlineMs;
    this.#slots = new Slots(concurrency);
  }

  /** Runs `work` with a call of its own, which ends with the signal, and with all others by {@link endAll}. */
  async asCall<T>(signal: AbortSignal | undefined, work: (call: Outstanding) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
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

  endAll(reason: unknown): void {
    for (const call of this.#calls) call.end(reason);
  }

  /**
   * A resolution for each query. Throws AwayError('dns') when queries stay open whose names are not
   * `known` otherwise,   * and no server answers anything.
   */
  async ask(
    queries: readonly Query[],
    rounds: number,
    known: () => Promise<(name: string) => boolean>,
    call: Outstanding,
  ): Promise<Map<Query, Resolution>> {
    const found = new Map<Query, Resolution>();
    let open = queries;
    for (let round = 0; round < rounds && open.length > 0; round++) {
      if (round > 0) await call.pause(PAUSE_MS * round);
      await this.#askOnce(open, call, found);
      const silent = !open.some((query) => isAnswer(found.get(query)));
      open = open.filter((query) => !isFinal(found.get(query)));
      // Better than the root: a name that this resolver is known to answer for.
      const probe = queries.find((query) => isAnswer(found.get(query)))?.name ?? '.';
      if (!silent) continue;
      const knows = await known();
      if (!open.every(({ name }) => knows(name))) await this.probe(probe, call);
    }
    return found;
  }

  /** Any answer will do, also an error: it shows that somebody is there. Throws AwayError('dns') without one. */
  async probe(name: string, call: Outstanding): Promise<void> {
    for (let packet = 0; packet < 2; packet++) {
      const resolution = await lookUp(this.#servers, name, 'A', this.#deadlineMs / 2, call);
      call.throwIfEnded();
      if (isAnswer(resolution)) return;
    }
    throw new AwayError(
      'dns',
      `no DNS server answers (${this.#servers.typed}); check that they are the right ones and up`,
    );
  }

  async #askOnce(
    queries: readonly Query[],
    call: Outstanding,
    found: Map<Query, Resolution>,
  ): Promise<void> {
    call.throwIfEnded();
    const work = async (query: Query) => {
      found.set(query, await lookUp(this.#servers, query.name, query.type, this.#deadlineMs, call));
    };
    await this.#slots.run(queries, work, call);
    call.throwIfEnded();
  }
}
