/** How many tasks of a scan are where, worked out from the tasks of its project that are out. */
import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { DispatchState, TargetStore } from '../adapters/dispatch/targetStore.ts';
import type { TaskStore } from '../adapters/workers/taskStore.ts';
import { ownTasks, placedTasks } from '../jobs/taskIds.ts';
import { proportionalTtl } from '../runtime/proportionalTtl.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import { type AddressSet, addressesOf } from '../targets/sets/addressSet.ts';
import { placeOf } from './targetPlace.ts';
import type { TargetStates } from './targetStates.ts';

/** Tasks by what became of them. total = done + dropped + stopped + failed + remaining. */
export interface TargetCounts {
  /** Those that were planned, and those in the place of dropped ones. */
  total: number;
  /** Handed over, dropped ones included. */
  sent: number;
  /** Their workers have ended. */
  done: number;
  /** Left out when it was their turn. */
  dropped: number;
  /** Taken back by a stop. */
  stopped: number;
  /** Begun again and again, and never ended. */
  failed: number;
  /** Waiting, queued or running. */
  remaining: number;
  /** Times that a task was lost, and was sent again. */
  resent: number;
}

/** Addresses counted before others have their turn. */
const AT_ONCE = 500;
/** Counting looks at every task of the project that is out. The numbers count for so many times as long as that took. */
const COUNTS_LAST = 100;
const LONGEST_MS = 10_000;
const MOST_KEPT = 16;

export class TargetCounter {
  readonly #states: TargetStates;
  readonly #targets: TargetStore;
  readonly #tasks: TaskStore;
  readonly #counts = new LRUCache<string, TargetCounts, DispatchState>({
    max: MOST_KEPT,
    fetchMethod: proportionalTtl(COUNTS_LAST, LONGEST_MS, (_key, sending) => this.#count(sending)),
    ignoreFetchAbort: true,
  });

  constructor(states: TargetStates, targets: TargetStore, tasks: TaskStore) {
    this.#states = states;
    this.#targets = targets;
    this.#tasks = tasks;
  }

  /**
   * All of one moment, which may be a short while ago; never from before the present state of the scan, nor with another
   * number of failed ones.
   */
  counts(sending: DispatchState): Promise<TargetCounts> {
    const { id, state, failed, finishedAt = '' } = sending;
    return this.#counts.forceFetch(`${id} ${state} ${failed} ${finishedAt}`, { context: sending });
  }

  /**
   * Counted as of `sending`: tasks of batches that were sent since then are left out, and one that ends while they are
   * read counts as done. A stop notes what it takes back before it forgets the tasks, so that is read last.
   */
  async #count(sending: DispatchState): Promise<TargetCounts> {
    const { dropped, again, resent, failed, state } = sending;
    let { total, sent } = sending;
    const isAnySent = sent > 0 || sending.moved > 0;
    const order = isAnySent ? await this.#states.order(sending) : undefined;
    let out = 0;
    let takenBack = 0;
    if (order !== undefined) {
      const moves = await this.#targets.moves(sending);
      const partsOf = (address: Address, ip: string) =>
        placeOf(sending, order, address, moves.get(ip)).parts.flatMap(({ part, isSent }) =>
          isSent ? part : [],
        );
      for (const [ip, move] of moves) {
        const address = parseAddress(ip);
        total += move.parts.length;
        if (address !== undefined) sent += partsOf(address, ip).length;
      }
      const stillOut = await sentAndOut(sending, partsOf, this.#tasks);
      const taken = await this.#targets.revoked(sending.id);
      if (taken) takenBack = await countTakenBack(partsOf, taken, stillOut);
      out = stillOut.size;
    }
    const done = Math.max(0, sent - dropped - out - again - takenBack - failed);
    const stopped = takenBack + (state === 'stopped' ? total - sent + again : 0);
    const remaining = total - done - dropped - stopped - failed;
    return { total, sent: sent - again, done, dropped, stopped, failed, remaining, resent };
  }
}

/** The parts of an address that were sent; none when it is no target of the scan. */
type PartsOf = (address: Address, ip: string) => number[];

/** The sent tasks that are out, as `address/part`. */
async function sentAndOut(sending: DispatchState, partsOf: PartsOf, tasks: TaskStore): Promise<Set<string>> {
  const out = new Set<string>();
  for await (const page of tasks.tasksOut(sending.project)) {
    const ours = placedTasks(page).filter(({ address, ip }) => partsOf(address, ip).length > 0);
    for (const { task, part } of ownTasks(sending, ours))
      if (partsOf(task.address, task.ip).includes(part)) out.add(`${task.ip}/${part}`);
  }
  return out;
}

async function countTakenBack(
  partsOf: PartsOf,
  taken: AddressSet,
  stillOut: ReadonlySet<string>,
): Promise<number> {
  let count = 0;
  let looked = 0;
  for (const address of addressesOf(taken)) {
    const ip = formatAddress(address);
    count += partsOf(address, ip).filter((part) => !stillOut.has(`${ip}/${part}`)).length;
    if (++looked % AT_ONCE === 0) await setImmediate();
  }
  return count;
}
