/** How a target set becomes batches: which addresses a batch holds, in which order they leave. */
import type { Address } from '../targets/address.ts';
import { type AddressSet, indexed } from '../targets/addressSet.ts';
import { permutation } from '../targets/permutation.ts';

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
  const at = indexed(set);
  const indexOf = permutation(total, Number.parseInt(submission.slice(0, 8), 16));
  return (batch) =>
    Array.from({ length: batchLength(total, batch) }, (_, offset) =>
      at(indexOf(batch * BATCH_SIZE + offset)),
    );
}
