/** With which batches the tasks of an address leave, and how far these are. */
import type { Move } from '../adapters/dispatch/moveNotes.ts';
import type { DispatchState } from '../adapters/dispatch/targetStore.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import { type DispatchOrder, LANES } from '../targets/order/batches.ts';

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
  { sentUpTo, tracked }: DispatchState,
  order: DispatchOrder,
  address: Address,
  move: Move | undefined,
): Place {
  const planned = move === undefined ? address : parseAddress(move.from);
  const index = planned === undefined ? undefined : order.indexOf(planned);
  const parts = (index === undefined ? [] : order.batchesOf(index))
    .map((batch, part) => ({ part, batch, isSent: hasReached(sentUpTo, batch) }))
    .filter(({ part }) => move === undefined || move.parts.includes(part));
  const isTracked = parts.some(({ batch }) => hasReached(tracked, batch));
  return { address, ip: formatAddress(address), parts, isTracked, move };
}

/** Within a lane a batch is marked before the next one exists. */
function hasReached(upTo: readonly number[], batch: number): boolean {
  return batch <= (upTo[batch % LANES] ?? -1);
}
