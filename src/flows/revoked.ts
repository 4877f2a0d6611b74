import { setImmediate } from 'node:timers/promises';
import type { TargetStore } from '../adapters/dispatch/targetStore.ts';
import type { TaskOut } from '../adapters/workers/taskStore.ts';
import { tasksOf } from '../jobs/taskIds.ts';
import { type Address, parseAddress } from '../targets/address/address.ts';
import { LANES } from '../targets/order/batches.ts';
import { EMPTY, fromRanges, has, singleAddress, union } from '../targets/sets/addressSet.ts';

/** Task ids worked out before others have their turn: a millisecond or two. */
const AT_ONCE = 250;

/**
 * Notes with each submission which of its targets a stop takes back after they were sent: later nothing tells them
 * from those whose worker has ended. To be called before the tasks are forgotten; doing it twice changes nothing.
 */
export async function noteRevoked(
  project: string,
  tasks: readonly TaskOut[],
  targets: TargetStore,
): Promise<void> {
  let open = tasks.flatMap(({ id, ip }): OpenTask[] => {
    const address = ip === undefined ? undefined : parseAddress(ip);
    return ip === undefined || address === undefined ? [] : [{ id, ip, address }];
  });
  for (const id of open.length === 0 ? [] : await targets.scans(project)) {
    if (open.length === 0) return;
    const sending = await targets.dispatchState(id, LANES);
    if (sending === undefined || sending.tracked.every((batch) => batch < 0)) continue;
    const accepted = (await targets.accepted(id)) ?? EMPTY;
    const moves = await targets.moves(sending);
    const likely = open.filter(({ address, ip }) => has(accepted, address) || moves.has(ip));
    const own = await ownTasks(likely, (ips) => tasksOf(sending, ips));
    if (own.size === 0) continue;
    const set = fromRanges([...own].map(({ address }) => singleAddress(address)));
    await targets.saveRevoked(id, union((await targets.revoked(id)) ?? EMPTY, set));
    open = open.filter((task) => !own.has(task));
  }
}

interface OpenTask {
  id: string;
  ip: string;
  address: Address;
}

/** The tasks among these that the submission gives to their addresses. */
async function ownTasks(
  tasks: readonly OpenTask[],
  idsOf: (ips: readonly string[]) => string[][],
): Promise<Set<OpenTask>> {
  const own = new Set<OpenTask>();
  for (let start = 0; start < tasks.length; start += AT_ONCE) {
    if (start > 0) await setImmediate();
    const slice = tasks.slice(start, start + AT_ONCE);
    const ids = idsOf(slice.map(({ ip }) => ip));
    for (const [index, task] of slice.entries()) if (ids[index]?.includes(task.id)) own.add(task);
  }
  return own;
}
