/** How a target set becomes batches: which addresses a batch holds, in which order they leave. */
import type { Address } from '../targets/address.ts';
import { type AddressIndex, addressIndex } from '../targets/addressIndex.ts';
import type { AddressSet } from '../targets/addressSet.ts';
import { inverse, permutation } from '../targets/permutation.ts';

/** Tasks that one publish job sends. */
export const BATCH_SIZE = 250;
/** Publish jobs of one submission at a time: batch n is followed by batch n + LANES. */
export const LANES = 4;

export function batchCount(total: number): number {
  return Math.ceil(total / BATCH_SIZE);
}

function batchLength(total: number, batch: number): number {
  return Math.max(0, Math.min(BATCH_SIZE, total - batch * BATCH_SIZE));
}

/** Gives the addresses of any batch of one set, without ever holding more than one batch of them. */
export function batchReader(
  submission: string,
  set: AddressSet,
  total: number,
): (batch: number) => Address[] {
  const { at } = addressIndex(set);
  const indexOf = permutation(total, seedOf(submission));
  return (batch) =>
    Array.from({ length: batchLength(total, batch) }, (_, offset) =>
      at(indexOf(batch * BATCH_SIZE + offset)),
    );
}

/** An accepted set, its addresses numbered ascending, and the batch with which each of them leaves. */
export interface SendingOrder extends AddressIndex {
  batchOf(index: number): number;
}

/** @param total the size of the set, at least 1 */
export function sendingOrder(submission: string, set: AddressSet, total: number): SendingOrder {
  const positionOf = inverse(total, seedOf(submission));
  return { ...addressIndex(set), batchOf: (index) => Math.floor(positionOf(index) / BATCH_SIZE) };
}

function seedOf(submission: string): number {
  return Number.parseInt(submission.slice(0, 8), 16);
}
