/** With which batches the tasks of an address leave, and how far these are. */
import type { Move } from '../adapters/dispatch/moveNotes.ts';
import type { DispatchState } from '../adapters/dispatch/targetStore.ts';
import { type Address, formatAddress, parseAddress } from '../targets/address/address.ts';
import { type DispatchOrder, LANES } from '../targets/order/batches.ts';

export interface Place {
  address: Address;
  ip: string;
  /** Those that have a task there. */
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

/**
 * The tasks of an address, by part, and the batches with which they leave: those of the address in whose place it is,
 * if it is in the place of one. Empty: the submission has no task for it.
 */
export function batchesOf(
  order: DispatchOrder,
  address: Address,
  move: Move | undefined,
): { part: number; batch: number }[] {
  const planned = move === undefined ? address : parseAddress(move.from);
  const index = planned === undefined ? undefined : order.indexOf(planned);
  const all = index === undefined ? [] : order.batchesOf(index).map((batch, part) => ({ part, batch }));
  return move === undefined ? all : all.filter(({ part }) => move.parts.includes(part));
}

/** The parts of the address whose batch was sent. */
export function sentParts(
  { sentUpTo }: DispatchState,
  order: DispatchOrder,
  address: Address,
  move: Move | undefined,
): number[] {
  return batchesOf(order, address, move).flatMap(({ part, batch }) =>
    hasReached(sentUpTo, batch) ? [part] : [],
  );
}

/** Within a lane a batch is marked before the next one exists. */
function hasReached(upTo: readonly number[], batch: number): boolean {
  return batch <= (upTo[batch % LANES] ?? -1);
}

export function placeOf(
  sending: DispatchState,
  order: DispatchOrder,
  address: Address,
  move: Move | undefined,
): Place {
  const batches = batchesOf(order, address, move);
  return {
    address,
    ip: formatAddress(address),
    parts: batches.map((each) => ({ ...each, isSent: hasReached(sending.sentUpTo, each.batch) })),
    isTracked: batches.some(({ batch }) => hasReached(sending.tracked, batch)),
    move,
  };
}
