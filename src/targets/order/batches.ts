/** How a target set becomes batches: which tasks a batch holds, in which order they leave. */
import type { Address } from '../address/address.ts';
import { type AddressIndex, addressIndex } from '../sets/addressIndex.ts';
import type { AddressSet } from '../sets/addressSet.ts';
import { inverse, scanOrder } from './scanOrder.ts';

/** Tasks that one publish job sends. */
export const BATCH_SIZE = 250;
/** Publish jobs of one submission at a time: batch n is followed by batch n + LANES. */
export const LANES = 4;

/** One task: an address, and which part of the ports. */
export interface TaskSlot {
  address: Address;
  part: number;
}

export function batchCount(total: number): number {
  return Math.ceil(total / BATCH_SIZE);
}

/** With which batch each lane goes on, there or not. `sentUpTo`: by lane the last one that was sent; -1: none. */
export function nextBatches(sentUpTo: readonly number[]): number[] {
  return Array.from({ length: LANES }, (_, lane) => {
    const last = sentUpTo[lane] ?? -1;
    return last < 0 ? lane : last + LANES;
  });
}

/** Tasks of a batch. */
export function batchLength(total: number, batch: number): number {
  return Math.max(0, Math.min(BATCH_SIZE, total - batch * BATCH_SIZE));
}

/**
 * Gives the tasks of any batch of one set, without ever holding more than one batch of them. Tasks are numbered part by
 * part, so that those of one address lie as far apart as they can; the permutation then spreads them like everything else.
 */
export function batchReader(
  submission: string,
  set: AddressSet,
  { targets, total }: { targets: number; total: number },
): (batch: number) => TaskSlot[] {
  const { at } = addressIndex(set);
  const indexOf = scanOrder(total, seedOf(submission));
  return (batch) => {
    return Array.from({ length: batchLength(total, batch) }, (_, offset) => {
      const index = indexOf(batch * BATCH_SIZE + offset);
      return { address: at(index % targets), part: Math.floor(index / targets) };
    });
  };
}

/** An accepted set, its addresses numbered ascending, and the batches with which the tasks of each of them leave. */
export interface DispatchOrder extends AddressIndex {
  /** By part. */
  batchesOf(index: number): number[];
}

/** @param total the tasks of all targets, at least 1 */
export function dispatchOrder(
  submission: string,
  set: AddressSet,
  { targets, total }: { targets: number; total: number },
): DispatchOrder {
  const positionOf = inverse(total, seedOf(submission));
  const parts = Array.from({ length: Math.round(total / targets) }, (_, part) => part);
  const batchOf = (index: number, part: number) =>
    Math.floor(positionOf(part * targets + index) / BATCH_SIZE);
  return { ...addressIndex(set), batchesOf: (index) => parts.map((part) => batchOf(index, part)) };
}

function seedOf(submission: string): number {
  return Number.parseInt(submission.slice(0, 8), 16);
}
