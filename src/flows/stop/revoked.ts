import { setImmediate } from 'node:timers/promises';
import type { TargetStore } from '../../adapters/dispatch/targetStore.ts';
import { pages } from '../../adapters/redis/pipeline.ts';
import type { TaskOut } from '../../adapters/workers/taskStore.ts';
import { ownTasks, type PlacedTask, placedTasks } from '../../jobs/taskIds.ts';
import { setOf } from '../../targets/mergeNames.ts';
import { LANES } from '../../targets/order/batches.ts';
import { EMPTY, has, union } from '../../targets/sets/addressSet.ts';

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
  let open = placedTasks(tasks);
  for (const id of open.length === 0 ? [] : await targets.scans(project)) {
    if (open.length === 0) return;
    const sending = await targets.dispatchState(id, LANES);
    if (sending === undefined || sending.trackedByLane.every((count) => count === 0)) continue;
    const accepted = (await targets.accepted(id)) ?? EMPTY;
    const moves = await targets.moves(sending);
    const likely = open.filter(({ address, ip }) => has(accepted, address) || moves.has(ip));
    const own = new Set<PlacedTask>();
    for (const some of pages(likely, AT_ONCE)) {
      await setImmediate();
      for (const { task } of ownTasks(sending, some)) own.add(task);
    }
    if (own.size === 0) continue;
    const set = setOf([...own].map(({ address }) => address));
    await targets.saveRevoked(id, union((await targets.revoked(id)) ?? EMPTY, set));
    open = open.filter((task) => !own.has(task));
  }
}
