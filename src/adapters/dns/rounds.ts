import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { KnownHosts } from '../names/hostsFile.ts';
import { lookUp } from './lookup.ts';
import type { Limits, NameLookup } from './nameLookup.ts';
import { Outstanding, Slots } from './outstanding.ts';
import { isAnswer } from './resolution.ts';
import type { DnsServers } from './servers.ts';

interface RoundsOptions {
  servers: DnsServers;
  concurrency: number;
  deadlineMs: number;
}

interface Asking {
  /** At most; each asks once for every name that is still open. */
  rounds: number;
  hosts: () => Promise<KnownHosts>;
  onFinal(query: NameLookup): void;
  call: Outstanding;
}

/**
 * A name that is not answered within this gives its place to the next one: silent names must not keep others waiting. Not
 * much less, because that is what a slow server is asked more slowly by. A name that was silent before needs no time.
 */
const HOLDS_MS = 200;
const HOLDS_AGAIN_MS = 50;

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
   * Every query gets its answers; `onFinal` hears at once of those that need no more tries. Throws ServiceUnavailableError('dns')
   * when queries stay open whose names the hosts file does not know, and no server answers anything.
   */
  async ask(queries: readonly NameLookup[], { rounds, hosts, onFinal, call }: Asking): Promise<void> {
    const limits = { servers: this.#servers, deadlineMs: this.#deadlineMs, call, onFinal };
    let open = queries;
    for (let round = 0; round < rounds && open.length > 0; round++) {
      if (round > 0) await call.pause(PAUSE_MS * round);
      call.throwIfEnded();
      const holdsMs = round === 0 ? HOLDS_MS : HOLDS_AGAIN_MS;
      await this.#slots.run(
        open,
        (query, giveWay) => tryOnce(query, limits, () => setTimeout(giveWay, holdsMs)),
        call,
      );
      call.throwIfEnded();
      const silent = !open.some(({ answered }) => answered);
      open = open.filter(({ final }) => !final);
      if (!silent) continue;
      const known = await hosts();
      // Better than the root: a name that this resolver is known to answer for.
      const probe = queries.find(({ answered }) => answered)?.name ?? '.';
      if (!open.every(({ name }) => known(name).length > 0)) await this.probe(probe, call);
    }
  }

  /** Any answer will do, also an error: it shows that somebody is there. Throws ServiceUnavailableError('dns') without one. */
  async probe(name: string, call: Outstanding): Promise<void> {
    for (let packet = 0; packet < 2; packet++) {
      const resolution = await lookUp(this.#servers, name, 'A', { limitMs: this.#deadlineMs / 2 }, call);
      call.throwIfEnded();
      if (isAnswer(resolution)) return;
    }
    throw new ServiceUnavailableError(
      'dns',
      `no DNS server answers (${this.#servers.typed}); check that they are the right ones and up`,
    );
  }
}

/** From when its first packet is out, the name holds its place for a moment only. */
async function tryOnce(query: NameLookup, limits: Limits, startHold: () => NodeJS.Timeout): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await query.try(limits, () => {
    timer ??= startHold();
  });
  clearTimeout(timer);
}
