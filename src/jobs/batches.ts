/** How a target set becomes batches: which tasks a batch holds, in which order they leave. */
import type { Address } from '../targets/address.ts';
import { type AddressSet, indexed } from '../targets/addressSet.ts';
import { permutation } from '../targets/permutation.ts';

/** Tasks that one publish job sends. */
export const BATCH_SIZE = 250;
/** Publish jobs of one submission at a time: batch n is followed by batch n + LANES. */
export const LANES = 4;

/** One task: an address, and which part of the ports. */
export interface Pair {
  address: Address;
  part: number;
}

export function batchCount(total: number): number {
  return Math.ceil(total / BATCH_SIZE);
}

function batchLength(total: number, batch: number): number {
  return Math.max(0, Math.min(BATCH_SIZE, total - batch * BATCH_SIZE));
}

/**
 * Tasks are numbered part by part, so that those of one address lie as far apart as they can; the permutation then
 * spreads them like everything else.
 */
export function pairIndex(addressIndex: number, part: number, addresses: number): number {
  return part * addresses + addressIndex;
}

/** The seed of the scan order of a submission. */
export function orderOf(submission: string, total: number): (position: number) => number {
  return permutation(total, Number.parseInt(submission.slice(0, 8), 16));
}

/** Gives the tasks of any batch of one set, without ever holding more than one batch of them. */
export function batchReader(
  submission: string,
  set: AddressSet,
  { targets, total }: { targets: number; total: number },
): (batch: number) => Pair[] {
  const at = indexed(set);
  const indexOf = orderOf(submission, total);
  return (batch) =>
    Array.from({ length: batchLength(total, batch) }, (_, offset) => {
      const index = indexOf(batch * BATCH_SIZE + offset);
      return { address: at(index % targets), part: Math.floor(index / targets) };
    });
}
