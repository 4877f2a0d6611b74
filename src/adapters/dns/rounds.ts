import { setTimeout as pause } from 'node:timers/promises';
import { ServiceUnavailableError } from '../../runtime/errors.ts';
import type { KnownHosts } from '../names/hostsFile.ts';
import { lookUp } from './lookup.ts';
import type { Limits, NameLookup } from './nameLookup.ts';
import { isAnswer } from './resolution.ts';
import type { Slots } from './slots.ts';

interface Asking extends Limits {
  slots: Slots;
  /** At most; each asks once for every name that is still open. */
  rounds: number;
  hosts: () => Promise<KnownHosts>;
  /** Told of a name that needs no more tries. */
  onFinal(lookup: NameLookup): void;
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
 * in doubt. Throws ServiceUnavailableError('dns') when names stay open that the hosts file does not know, and no server
 * answers anything.
 */
export async function askInRounds(lookups: readonly NameLookup[], asking: Asking): Promise<void> {
  const { slots, rounds, hosts, signal } = asking;
  let open = lookups;
  for (let round = 0; round < rounds && open.length > 0; round++) {
    if (round > 0) await pause(PAUSE_MS * round, undefined, { signal });
    const holdsMs = round === 0 ? HOLDS_MS : HOLDS_AGAIN_MS;
    await slots.run(
      open,
      (lookup, giveWay) => tryOnce(lookup, asking, () => setTimeout(giveWay, holdsMs)),
      signal,
    );
    signal.throwIfAborted();
    const silent = !open.some(({ answered }) => answered);
    open = open.filter(({ final }) => !final);
    if (!silent) continue;
    const known = await hosts();
    // Better than the root: a name that this resolver is known to answer for.
    const probed = lookups.find(({ answered }) => answered)?.name ?? '.';
    if (!open.every(({ name }) => known(name).length > 0)) await probe(probed, asking);
  }
}

/** From when its first packet is out, the name holds its place for a moment only. */
async function tryOnce(lookup: NameLookup, asking: Asking, startHold: () => NodeJS.Timeout): Promise<void> {
  let hold: NodeJS.Timeout | undefined;
  await lookup.try(asking, () => {
    hold ??= startHold();
  });
  clearTimeout(hold);
  if (lookup.final && !asking.signal.aborted) asking.onFinal(lookup);
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
