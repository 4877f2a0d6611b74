/** How a target set becomes batches: which tasks a batch holds, in which order they leave. */
import type { Address } from '../address/address.ts';
import { type AddressIndex, addressIndex } from '../sets/addressIndex.ts';
import type { AddressSet } from '../sets/addressSet.ts';
import { inverse, scanOrder } from './scanOrder.ts';

/** Tasks that one publish job sends, in as many parts as the room in RabbitMQ makes of them. */
export const BATCH_SIZE = 250;
/** Publish jobs of one submission at a time: batch n is followed by batch n + LANES. */
export const LANES = 4;

/** Where a batch begins, or goes on. */
export interface BatchPlace {
  batch: number;
  /** Tasks of the batch before it. */
  offset: number;
}

/** One task: an address, and which part of the ports. */
export interface TaskSlot {
  address: Address;
  part: number;
}

export function batchCount(total: number): number {
  return Math.ceil(total / BATCH_SIZE);
}

/** With which batches the lanes go on that have something left. `sent`: by lane, how many of its tasks were sent. */
export function nextBatches(sent: readonly number[], total: number): BatchPlace[] {
  return Array.from({ length: LANES }, (_, lane) => {
    const count = sent[lane] ?? 0;
    return { batch: Math.floor(count / BATCH_SIZE) * LANES + lane, offset: count % BATCH_SIZE };
  }).filter(({ batch, offset }) => offset < batchLength(total, batch));
}

/** How many tasks of its lane go before this one. */
export function placeInLane({ batch, offset }: BatchPlace): number {
  return Math.floor(batch / LANES) * BATCH_SIZE + offset;
}

/** Tasks of a batch. */
export function batchLength(total: number, batch: number): number {
  return Math.max(0, Math.min(BATCH_SIZE, total - batch * BATCH_SIZE));
}

/**
 * Gives tasks of any batch of one set, without ever holding more than one batch of them. Tasks are numbered part by
 * part, so that those of one address lie as far apart as they can; the permutation then spreads them like everything else.
 */
export function batchReader(
  submission: string,
  set: AddressSet,
  { targets, total }: { targets: number; total: number },
): (from: BatchPlace, count: number) => TaskSlot[] {
  const { at } = addressIndex(set);
  const indexOf = scanOrder(total, seedOf(submission));
  return ({ batch, offset }, count) => {
    return Array.from({ length: Math.min(count, batchLength(total, batch) - offset) }, (_, index) => {
      const task = indexOf(batch * BATCH_SIZE + offset + index);
      return { address: at(task % targets), part: Math.floor(task / targets) };
    });
  };
}

/** An accepted set, its addresses numbered ascending, and the batches with which the tasks of each of them leave. */
export interface DispatchOrder extends AddressIndex {
  /** By part. */
  placesOf(index: number): BatchPlace[];
}

/** @param total the tasks of all targets, at least 1 */
export function dispatchOrder(
  submission: string,
  set: AddressSet,
  { targets, total }: { targets: number; total: number },
): DispatchOrder {
  const positionOf = inverse(total, seedOf(submission));
  const parts = Array.from({ length: Math.round(total / targets) }, (_, part) => part);
  const placeOf = (index: number, part: number) => {
    const position = positionOf(part * targets + index);
    return { batch: Math.floor(position / BATCH_SIZE), offset: position % BATCH_SIZE };
  };
  return { ...addressIndex(set), placesOf: (index) => parts.map((part) => placeOf(index, part)) };
}

function seedOf(submission: string): number {
  return Number.parseInt(submission.slice(0, 8), 16);
}
