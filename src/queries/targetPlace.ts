/** With which batches the tasks of an address leave, and whether they have left. */
import type { Move } from '../adapters/dispatch/moveNotes.ts';
import type { DispatchState } from '../adapters/dispatch/targetStore.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import { type BatchPlace, type DispatchOrder, LANES, placeInLane } from '../targets/order/batches.ts';

export interface Place {
  address: Address;
  ip: string;
  /** Those that have a task there; empty: the submission has no task for it. */
  parts: readonly PartPlace[];
  /** At least one of its tasks is tracked. */
  isTracked: boolean;
  move: Move | undefined;
}

export interface PartPlace {
  part: number;
  batch: number;
  isSent: boolean;
}

/** The batches are those of the address in whose place it is, if it is in the place of one. */
export function placeOf(
  { sentByLane, trackedByLane }: DispatchState,
  order: DispatchOrder,
  address: Address,
  move: Move | undefined,
): Place {
  const planned = move === undefined ? address : parseAddress(move.from);
  const index = planned === undefined ? undefined : order.indexOf(planned);
  const places = (index === undefined ? [] : order.placesOf(index))
    .map((place, part) => ({ place, part }))
    .filter(({ part }) => move === undefined || move.parts.includes(part));
  const parts = places.map(({ place, part }) => {
    return { part, batch: place.batch, isSent: hasReached(sentByLane, place) };
  });
  const isTracked = places.some(({ place }) => hasReached(trackedByLane, place));
  return { address, ip: formatAddress(address), parts, isTracked, move };
}

/** A lane sends its tasks one after the other, so one number says which of them are through. */
function hasReached(byLane: readonly number[], place: BatchPlace): boolean {
  return placeInLane(place) < (byLane[place.batch % LANES] ?? 0);
}
