/** How many tasks that were not sent yet new exclusions are about. */
import { setImmediate } from 'node:timers/promises';
import type { DispatchState } from '../../adapters/dispatch/targetStore.ts';
import {
  type BatchPlace,
  batchCount,
  batchReader,
  dispatchOrder,
  LANES,
  placeInLane,
} from '../../targets/order/batches.ts';
import { type AddressSet, addressesOf, count, EMPTY, has } from '../../targets/sets/addressSet.ts';
import type { Coverage, ScopeServices } from './coverage.ts';
import { openIn } from './takeBack.ts';

/** Tasks looked at before others have their turn: some milliseconds. */
const AT_ONCE = 5_000;

/** Of the submissions of a project that are being sent; what those that plan come to is not known yet. */
export async function waitingOn(
  project: string,
  coverage: Coverage,
  services: ScopeServices,
): Promise<number> {
  const { targetStore, again } = services;
  let waiting = 0;
  for (const id of await openIn({ project }, services)) {
    const sending = await targetStore.dispatchState(id, LANES);
    if (sending?.state !== 'dispatching' || sending.total === 0) continue;
    const scope = await coverage.scopeOf(id);
    if (scope === undefined || scope === 'unknown') continue;
    const accepted = (await targetStore.accepted(id)) ?? EMPTY;
    const covered = scope.split(accepted).forbidden;
    waiting += Number(count(covered)) * sending.parts.length - (await tracked(sending, accepted, covered));
    const back = sending.again === 0 ? [] : await again.some(id, sending.again);
    for (const { ip } of back) if ((await coverage.covers({ ip, submission: id })) === 'yes') waiting += 1;
  }
  return waiting;
}

/** How many tasks of the covered addresses are tracked. Looks at whichever are fewer: those, or all that are tracked. */
async function tracked(sending: DispatchState, accepted: AddressSet, covered: AddressSet): Promise<number> {
  const { trackedByLane, targets, total } = sending;
  const all = trackedByLane.reduce((sum, each) => sum + each, 0);
  const size = Number(count(covered)) * sending.parts.length;
  if (all === 0 || size === 0) return 0;
  let found = 0;
  let looked = 0;
  if (size <= all) {
    const order = dispatchOrder(sending.id, accepted, { targets, total });
    for (const address of addressesOf(covered)) {
      const index = order.indexOf(address);
      const places = index === undefined ? [] : order.placesOf(index);
      found += places.filter((place) => isTracked(sending, place)).length;
      if (++looked % AT_ONCE === 0) await setImmediate();
    }
    return found;
  }
  const read = batchReader(sending.id, accepted, { targets, total });
  for (let batch = 0; batch < batchCount(total); batch++) {
    const count = (trackedByLane[batch % LANES] ?? 0) - placeInLane({ batch, offset: 0 });
    if (count <= 0) continue;
    for (const { address } of read({ batch, offset: 0 }, count)) if (has(covered, address)) found += 1;
    if (batch % LANES === 0) await setImmediate();
  }
  return found;
}

function isTracked({ trackedByLane }: DispatchState, place: BatchPlace): boolean {
  return placeInLane(place) < (trackedByLane[place.batch % LANES] ?? 0);
}
