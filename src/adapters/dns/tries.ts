import { setTimeout as pause } from 'node:timers/promises';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { KnownHosts } from '../names/hostsFile.ts';
import { lookUp } from './lookup.ts';
import type { Limits, NameLookup } from './nameLookup.ts';
import type { Pace } from './pace.ts';
import { isAnswer } from './resolution.ts';
import type { Enter, Slots } from './slots.ts';

interface Asking extends Limits {
  slots: Slots;
  pace: Pace;
  /** At most, for one name. */
  tries: number;
  hosts: () => Promise<KnownHosts>;
  /** Told of a name that needs no more tries. */
  onFinal(lookup: NameLookup): void;
  /** Ends the call with a reason. */
  end(reason: unknown): void;
}

/** From the first try to the second one, at least; longer before each later one. A silent try takes longer anyway. */
const SPACED_MS = 50;

/**
 * Asks for many names, each as often as it takes. Ends the call with ServiceUnavailableError('dns') when no server says
 * anything at all while a name is waited for that the hosts file does not know: such a name is not dead, nobody could be
 * asked.
 */
export async function askAll(lookups: readonly NameLookup[], asking: Asking): Promise<void> {
  const doubt = new Doubt(lookups, asking);
  await asking.slots.run(lookups, (lookup, enter) => askOne(lookup, enter, asking, doubt), asking.signal);
  asking.signal.throwIfAborted();
}

/** Never rejects. */
async function askOne(lookup: NameLookup, enter: Enter, asking: Asking, doubt: Doubt): Promise<void> {
  const { tries, pace, signal } = asking;
  let wasSilent = false;
  for (let tried = 1; tried <= tries && !lookup.final; tried++) {
    const leave = await enter();
    if (signal.aborted) return leave();
    const sentMs = await tryOnce(lookup, leave, asking);
    if (signal.aborted) return;
    if (lookup.answered) {
      pace.answered(wasSilent);
      doubt.answered();
    }
    wasSilent = !lookup.answered;
    if (lookup.final) return asking.onFinal(lookup);
    if (wasSilent) await doubt.about(lookup, sentMs);
    if (tried < tries) await rest(sentMs + SPACED_MS * tried - performance.now(), signal);
  }
}

/** The name holds its place for a moment only, from when its first packet is out. Gives when that was. */
async function tryOnce(lookup: NameLookup, leave: () => void, asking: Asking): Promise<number> {
  let sentMs = 0;
  let hold: NodeJS.Timeout | undefined;
  await lookup.try(asking, () => {
    if (hold) return;
    sentMs = performance.now();
    hold = setTimeout(leave, asking.pace.holdMs);
  });
  clearTimeout(hold);
  leave();
  return sentMs;
}

async function rest(restMs: number, signal: AbortSignal): Promise<void> {
  if (restMs > 0) await pause(restMs, undefined, { signal }).catch(() => {});
}

/** Whether it is the servers that are silent, and not the name. */
class Doubt {
  readonly #lookups: readonly NameLookup[];
  readonly #asking: Asking;
  #answeredMs = Number.NEGATIVE_INFINITY;
  #probing: Promise<void> | undefined;

  constructor(lookups: readonly NameLookup[], asking: Asking) {
    this.#lookups = lookups;
    this.#asking = asking;
  }

  /** A server said something about a name of the call. */
  answered(): void {
    this.#answeredMs = performance.now();
  }

  /** Ends the call when nobody has said a word since the name was asked for, and nobody does now. Never rejects. */
  async about({ name }: NameLookup, sentMs: number): Promise<void> {
    const { hosts, end } = this.#asking;
    if (this.#answeredMs >= sentMs || (await hosts())(name).length > 0) return;
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    await this.#probing.catch(end);
  }

  async #probe(): Promise<void> {
    // Better than the root: a name that this resolver is known to answer for.
    await probe(this.#lookups.find(({ answered }) => answered)?.name ?? '.', this.#asking);
    this.answered();
  }
}

/** Any answer will do, also an error: it shows that somebody is there. Throws ServiceUnavailableError('dns') without one. */
export async function probe(name: string, { servers, deadlineMs, signal, now }: Limits): Promise<void> {
  for (let packet = 0; packet < 2; packet++) {
    const attempt = { leftMs: deadlineMs / 2, plain: false, signal };
    const resolution = await lookUp(servers, name, 'A', attempt, now);
    signal.throwIfAborted();
    if (isAnswer(resolution)) return;
  }
  throw new ServiceUnavailableError(
    'dns',
    `no DNS server answers (${servers.typed}); check that they are the right ones and up`,
  );
}
